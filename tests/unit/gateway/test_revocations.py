"""What closes the sockets of revoked sessions: it goes on listening, whatever happens."""

import asyncio
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from gateway.live.registry import Registry
from gateway.live.revocations import RevocationListener
from tests.unit.gateway.fakes import FakeVerifier

pytestmark = pytest.mark.anyio


class Channel:
    """Redis, one connection and its channel in one: says what is put into `messages`."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[bytes | Exception] = asyncio.Queue()

    def pubsub(self) -> "Channel":
        return self

    async def __aenter__(self) -> "Channel":
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def subscribe(self, name: str) -> None:
        assert name == "revocations"

    async def get_message(self, **_: Any) -> dict[str, bytes]:
        message = await self.messages.get()
        if isinstance(message, Exception):
            raise message
        return {"data": message}


class Revoked(Registry):
    """Notes what is revoked."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    def revoke(self, what: str) -> None:
        self.heard.put_nowait(what)


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    "trouble", [RedisConnectionError("away"), ValueError("a fault of ours"), b"\xff no text"]
)
async def test_trouble_does_not_end_the_listening(trouble: bytes | Exception) -> None:
    channel, registry = Channel(), Revoked()
    listener = RevocationListener(
        cast("Redis", channel), registry, FakeVerifier().verify, sleep=no_pause
    )
    listening = asyncio.create_task(listener.run())
    channel.messages.put_nowait(trouble)
    channel.messages.put_nowait(b"session:s1")
    async with asyncio.timeout(20):
        assert await registry.heard.get() == "session:s1"
    listening.cancel()

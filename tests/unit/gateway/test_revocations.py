"""What closes the sockets of revoked sessions: it goes on listening, whatever happens."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from chassis.auth.identity import Identity
from chassis.errors import Unavailable
from chassis.tasks import cancel
from gateway.live import frames
from gateway.live.connection import Connection
from gateway.live.frames import Close
from gateway.live.registry import Registry
from gateway.live.revocations import RevocationListener
from tests.unit.gateway.fakes import FakeVerifier

pytestmark = pytest.mark.anyio

PONG = b"pong"
AWAY = Unavailable("The revocations are unreachable.")


class Channel:
    """Redis, one connection and its channel in one: says what is put into `messages`."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.subscriptions = 0

    def pubsub(self) -> "Channel":
        return self

    async def __aenter__(self) -> "Channel":
        return self

    async def __aexit__(self, *_: object) -> None:
        return

    async def subscribe(self, name: str) -> None:
        assert name == "revocations"
        self.subscriptions += 1

    async def ping(self) -> None:
        return

    async def get_message(self, **_: Any) -> dict[str, Any] | None:
        message = await self.messages.get()
        if isinstance(message, Exception):
            raise message
        kind = "pong" if message == PONG else "message"
        return {"type": kind, "data": message} if message is not None else None


class Revoked(Registry):
    """Notes what is revoked."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    def revoke(self, what: str) -> None:
        self.heard.put_nowait(what)


async def no_pause(_: float) -> None:
    await asyncio.sleep(0)


class OpenSocket:
    """A socket of whom the token says, until it is closed."""

    def __init__(self, token: str) -> None:
        self.identity = Identity("user", "u1", token=token)
        self.closed = asyncio.Event()

    def close(self, why: Close) -> None:
        assert why is frames.SESSION_ENDED
        self.closed.set()


@asynccontextmanager
async def listening(*said: bytes | Exception | None) -> AsyncIterator[tuple[Channel, Revoked]]:
    """The listener on a channel that says this; None is a silence."""
    channel, registry = Channel(), Revoked()
    for each in said:
        channel.messages.put_nowait(each)
    listener = RevocationListener(
        cast("Redis", channel), registry, FakeVerifier().verify, sleep=no_pause
    )
    task = asyncio.create_task(listener.run())
    async with asyncio.timeout(20):
        yield channel, registry
    await cancel([task])


@pytest.mark.parametrize(
    "trouble", [RedisConnectionError("away"), ValueError("an internal error"), b"\xff no text"]
)
async def test_trouble_does_not_end_the_listening(trouble: bytes | Exception) -> None:
    async with listening(trouble, b"session:s1") as (channel, registry):
        assert await registry.heard.get() == "session:s1"
        assert channel.subscriptions == 2


@pytest.mark.parametrize(
    ("said", "subscriptions"), [((None, PONG, None, PONG), 1), ((None, None), 2)]
)
async def test_a_channel_that_does_not_answer_is_left(
    said: tuple[bytes | None, ...], subscriptions: int
) -> None:
    async with listening(*said, b"session:s1") as (channel, registry):
        assert await registry.heard.get() == "session:s1"
        assert channel.subscriptions == subscriptions


async def test_open_sockets_are_verified_as_soon_as_the_revocations_answer() -> None:
    channel, registry, verifier = Channel(), Registry(), FakeVerifier()
    verifier.knows("valid")
    valid, ended = OpenSocket("valid"), OpenSocket("of a session that has ended")
    for number, socket in enumerate((valid, ended)):
        registry.claim(cast("Connection", socket), f"u{number}")
    verifier.failure = AWAY
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 10:
            # What is said meanwhile is heard.
            channel.messages.put_nowait(b"session:s1")
        if len(pauses) == 20:
            verifier.failure = None
        await asyncio.sleep(0)

    listener = RevocationListener(cast("Redis", channel), registry, verifier.verify, sleep=pause)
    task = asyncio.create_task(listener.run())
    async with asyncio.timeout(20):
        await ended.closed.wait()
    await cancel([task])
    assert channel.messages.empty()
    assert not valid.closed.is_set()
    assert channel.subscriptions == 1
    assert pauses[0] <= 0.3
    assert 2.5 <= pauses[-1] <= 7.5

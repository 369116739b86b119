"""The listener on a real channel of revocations."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from chassis.auth.revocations import CHANNEL, connect_redis
from chassis.tasks import cancel
from gateway.live import revocations
from gateway.live.registry import Registry
from gateway.live.revocations import RevocationListener
from tests.unit.gateway.fakes import FakeVerifier

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20.0


class Noting(Registry):
    """Notes what is revoked."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: asyncio.Queue[str] = asyncio.Queue()

    def revoke(self, what: str) -> None:
        self.heard.put_nowait(what)


async def test_a_channel_that_is_only_silent_is_kept(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(revocations, "_SILENCE_SECONDS", 0.5)
    pings = asyncio.Semaphore(0)
    subscribed: list[str] = []
    ping, subscribe = PubSub.ping, PubSub.subscribe

    async def noted_ping(channel: PubSub) -> None:
        await ping(channel)
        pings.release()

    async def noted_subscribe(channel: PubSub, name: str) -> None:
        await subscribe(channel, name)
        subscribed.append(name)

    monkeypatch.setattr(PubSub, "ping", noted_ping)
    monkeypatch.setattr(PubSub, "subscribe", noted_subscribe)
    registry = Noting()
    async with connect_redis(redis_url) as redis, Redis.from_url(redis_url) as other:
        listening = asyncio.create_task(
            RevocationListener(redis, registry, FakeVerifier().verify).run()
        )
        async with asyncio.timeout(PATIENCE_SECONDS):
            for _ in range(3):
                await pings.acquire()
            await other.publish(CHANNEL, "session:s1")
            while await registry.heard.get() != "session:s1":
                pass
        await cancel([listening])
    assert subscribed == [CHANNEL]

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from chassis.auth.revocations import CHANNEL, HEARTBEAT, session_key, user_key
from chassis.auth.revocations import RedisRevocations as Reader
from chassis.errors import Unavailable
from chassis.ids import new_id
from devstack.ports import Ports
from svc_auth.peers.revocations import RedisRevocations
from svc_auth.usecases.ports import Endings, Revocations
from tests.contract.svc_auth.conftest import FAKE, REAL
from tests.support.clock import START
from tests.unit.svc_auth.fakes import FakeRevocations

pytestmark = pytest.mark.anyio

KEPT = timedelta(minutes=16)

# START is a quarter of a second into this one.
SECOND = int(START.timestamp())


@dataclass(frozen=True)
class Revoking:
    """The port, what every process makes of it, and a way to have all of it forgotten."""

    port: Revocations
    is_revoked: Callable[[str, str, float], Awaitable[bool]]
    forget: Callable[[], Awaitable[object]]


@pytest.fixture(params=[FAKE, REAL])
def revoking(request: pytest.FixtureRequest) -> Revoking:
    if request.param == FAKE:
        fake = FakeRevocations()

        async def forget() -> None:
            fake.forget()

        return Revoking(fake, fake.is_revoked, forget)
    redis: Redis = request.getfixturevalue("redis")
    return Revoking(RedisRevocations(redis, KEPT), Reader(redis).is_revoked, redis.flushdb)


async def nothing() -> Endings:
    return Endings([], {})


async def test_sessions_are_revoked_by_name(revoking: Revoking) -> None:
    await revoking.port.repeat(nothing)
    assert not await revoking.is_revoked("one", "u", SECOND)
    await revoking.port.announce(Endings(["one", "other"], {}))
    await revoking.port.announce(Endings([], {}))
    assert await revoking.is_revoked("one", "u", SECOND)
    assert await revoking.is_revoked("other", "u", SECOND)
    assert not await revoking.is_revoked("third", "u", SECOND)


async def test_a_users_tokens_of_the_seconds_before_are_revoked(revoking: Revoking) -> None:
    await revoking.port.repeat(nothing)
    await revoking.port.announce(Endings([], {"ann": START}))
    assert await revoking.is_revoked("s", "ann", SECOND - 1)
    assert not await revoking.is_revoked("s", "ann", SECOND)
    assert not await revoking.is_revoked("s", "bob", SECOND - 1)


async def test_what_forgets_admits_nobody_until_it_has_been_told_again(revoking: Revoking) -> None:
    endings = Endings(["ended"], {"ann": START})

    async def recent() -> Endings:
        return endings

    with pytest.raises(Unavailable):
        await revoking.is_revoked("live", "u", SECOND)
    await revoking.port.repeat(recent)
    assert not await revoking.is_revoked("live", "u", SECOND)
    await revoking.forget()
    # One that is announced then is known; but of no other can it be told that it has not ended.
    await revoking.port.announce(Endings(["other"], {}))
    assert await revoking.is_revoked("other", "u", SECOND)
    for session_id in ("live", "ended"):
        with pytest.raises(Unavailable):
            await revoking.is_revoked(session_id, "u", SECOND)
    await revoking.port.repeat(recent)
    assert not await revoking.is_revoked("live", "u", SECOND)
    assert await revoking.is_revoked("ended", "u", SECOND)
    assert await revoking.is_revoked("live", "ann", SECOND - 1)


async def test_what_is_forgotten_in_the_midst_of_a_repetition_is_not_vouched_for(
    redis: Redis,
) -> None:
    revocations, reader = RedisRevocations(redis, KEPT), Reader(redis)
    await revocations.repeat(nothing)

    async def ended_and_lost_after_reading() -> Endings:
        await revocations.announce(Endings(["ended"], {}))
        await redis.flushdb()
        return Endings([], {})

    await revocations.repeat(ended_and_lost_after_reading)
    with pytest.raises(Unavailable):
        await reader.is_revoked("ended", "u", SECOND)


async def test_revocations_and_the_word_for_them_last_as_long_as_the_tokens(redis: Redis) -> None:
    name = new_id()

    async def recent() -> Endings:
        return Endings([name], {name: START})

    await RedisRevocations(redis, KEPT).repeat(recent)
    for key in (session_key(name), user_key(name), HEARTBEAT):
        left = timedelta(milliseconds=await redis.pttl(key))
        assert KEPT - timedelta(minutes=1) < left <= KEPT


async def test_revocations_are_published_for_live_sockets(redis: Redis) -> None:
    name = new_id()
    revocations = RedisRevocations(redis, KEPT)
    async with redis.pubsub(ignore_subscribe_messages=True) as listener:
        await listener.subscribe(CHANNEL)
        heard = (each["data"].decode() async for each in listener.listen())
        await revocations.announce(Endings([name], {name: START}))
        assert await _until(heard, f"session:{name}")
        assert await _until(heard, f"user:{name}")


async def _until(heard: AsyncIterator[str], wanted: str) -> bool:
    """Whether `wanted` comes; other tests' messages may come before it."""
    async for message in heard:
        if message == wanted:
            return True
    return False


async def test_without_redis_nothing_is_revoked_and_that_is_said() -> None:
    ports = Ports()
    away = Redis.from_url(f"redis://127.0.0.1:{ports.choose()}")
    revocations = RedisRevocations(away, KEPT)
    with pytest.raises(Unavailable):
        await revocations.announce(Endings(["s"], {}))
    with pytest.raises(Unavailable):
        await revocations.repeat(nothing)
    await away.aclose()
    ports.close()

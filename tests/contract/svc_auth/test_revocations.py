import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from chassis.auth.revocation_stream import KnownRevocations, connect_stream
from chassis.auth.revocations import HEARTBEAT, STREAM, session_key, user_key
from chassis.auth.revocations import RedisRevocations as Reader
from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.tasks import cancel
from devstack.ports import Ports
from svc_auth.peers.revocations import RedisRevocations
from svc_auth.usecases.ports import EndedSessions, Revocations
from tests.contract.svc_auth.conftest import FAKE, REAL
from tests.support.clock import START
from tests.unit.svc_auth.fakes import FakeRevocations

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20.0
KEPT = timedelta(minutes=16)
ID = {b"session", b"user"}

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


async def nothing() -> EndedSessions:
    return EndedSessions([], {})


async def test_sessions_are_revoked_by_name(revoking: Revoking) -> None:
    await revoking.port.repeat(nothing)
    assert not await revoking.is_revoked("one", "u", SECOND)
    await revoking.port.announce(EndedSessions(["one", "other"], {}))
    await revoking.port.announce(EndedSessions([], {}))
    assert await revoking.is_revoked("one", "u", SECOND)
    assert await revoking.is_revoked("other", "u", SECOND)
    assert not await revoking.is_revoked("third", "u", SECOND)


async def test_a_users_tokens_of_the_seconds_before_are_revoked(revoking: Revoking) -> None:
    await revoking.port.repeat(nothing)
    await revoking.port.announce(EndedSessions([], {"ann": START}))
    assert await revoking.is_revoked("s", "ann", SECOND - 1)
    assert not await revoking.is_revoked("s", "ann", SECOND)
    assert not await revoking.is_revoked("s", "bob", SECOND - 1)


async def test_what_forgets_admits_no_one_until_it_has_heard_again(revoking: Revoking) -> None:
    ended = EndedSessions(["ended"], {"ann": START})

    async def recent() -> EndedSessions:
        return ended

    with pytest.raises(Unavailable):
        await revoking.is_revoked("live", "u", SECOND)
    await revoking.port.repeat(recent)
    assert not await revoking.is_revoked("live", "u", SECOND)
    await revoking.forget()
    # One that is announced then is known; but of no other can it be told that it has not ended.
    await revoking.port.announce(EndedSessions(["other"], {}))
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

    async def ended_and_lost_after_reading() -> EndedSessions:
        await revocations.announce(EndedSessions(["ended"], {}))
        await redis.flushdb()
        return EndedSessions([], {})

    await revocations.repeat(ended_and_lost_after_reading)
    with pytest.raises(Unavailable):
        await reader.is_revoked("ended", "u", SECOND)


async def test_revocations_and_the_word_for_them_last_as_long_as_the_tokens(redis: Redis) -> None:
    name = new_id()

    async def recent() -> EndedSessions:
        return EndedSessions([name], {name: START})

    await RedisRevocations(redis, KEPT).repeat(recent)
    for key in (session_key(name), user_key(name), HEARTBEAT, STREAM):
        left = timedelta(milliseconds=await redis.pttl(key))
        assert KEPT - timedelta(minutes=1) < left <= KEPT


@asynccontextmanager
async def following(url: str) -> AsyncIterator[KnownRevocations]:
    """What a process knows that reads the stream and may ask nobody."""
    stream = connect_stream(url)
    known = KnownRevocations(stream, NobodyToAsk())
    task = asyncio.create_task(known.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        yield known
    await cancel([task])
    await stream.aclose()


class NobodyToAsk:
    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        raise Unavailable


async def is_known(known: KnownRevocations, session_id: str, user_id: str = "u") -> bool:
    """Whether it is revoked, once that can be told."""
    while True:
        try:
            return await known.is_revoked(session_id, user_id, SECOND - 1)
        except Unavailable:
            await asyncio.sleep(0.01)


async def is_heard(known: KnownRevocations, session_id: str, user_id: str = "u") -> None:
    """Wait until it is revoked."""
    while not await is_known(known, session_id, user_id):
        await asyncio.sleep(0.01)


async def test_who_reads_the_stream_knows_each_revocation_without_asking(
    redis: Redis, own_redis_url: str
) -> None:
    revocations = RedisRevocations(redis, KEPT)
    await revocations.announce(EndedSessions(["before"], {}))
    await revocations.repeat(nothing)
    async with following(own_redis_url) as known:
        assert await is_known(known, "before")
        assert not await is_known(known, "one")
        await revocations.announce(EndedSessions(["one"], {}))
        await is_heard(known, "one")
        assert not await is_known(known, "other", "ann")
        await revocations.announce(EndedSessions([], {"ann": START}))
        await is_heard(known, "other", "ann")


async def test_nothing_is_known_before_it_is_vouched_for(redis: Redis, own_redis_url: str) -> None:
    revocations = RedisRevocations(redis, KEPT)
    async with following(own_redis_url) as known:
        await revocations.announce(EndedSessions(["one"], {}))
        await is_heard(known, "one")
        with pytest.raises(Unavailable):
            await known.is_revoked("live", "u", SECOND)
        await revocations.repeat(nothing)
        assert not await is_known(known, "live")


async def test_who_reads_the_stream_hears_of_what_was_forgotten_before_it_was_read(
    redis: Redis, own_redis_url: str
) -> None:
    revocations = RedisRevocations(redis, KEPT)

    async def recent() -> EndedSessions:
        return EndedSessions(["ended"], {"ann": START})

    # A server whose clock is ahead: what comes after it is numbered lower.
    await redis.xadd(STREAM, {"heartbeat": 1}, id=f"{2**62}-0")
    async with following(own_redis_url) as known:
        assert not await is_known(known, "ended", "ann")
        await redis.flushdb()
        await revocations.repeat(recent)
        await is_heard(known, "ended")
        await is_heard(known, "s", "ann")


async def test_only_what_redis_does_not_say_is_announced_again(redis: Redis) -> None:
    revocations = RedisRevocations(redis, KEPT)
    ended = EndedSessions(["one", "other"], {"ann": START, "bob": START})

    async def recent() -> EndedSessions:
        return ended

    async def announced() -> list[bytes]:
        entries: Any = await redis.xrange(STREAM)
        return [value for _, fields in entries for name, value in fields.items() if name in ID]

    await revocations.announce(ended)
    await revocations.repeat(recent)  # All again: there was no heartbeat.
    await redis.delete(STREAM)
    await revocations.repeat(recent)
    assert await announced() == [b"one", b"other", b"ann", b"bob"]
    await redis.delete(session_key("other"))
    ended.users["bob"] = START + timedelta(seconds=1)
    await revocations.repeat(recent)
    assert await announced() == [b"one", b"other", b"ann", b"bob", b"other", b"bob"]
    assert int(await redis.get(user_key("bob")) or 0) == (SECOND + 1) * 1000


async def test_the_stream_goes_back_as_far_as_tokens_live(redis: Redis) -> None:
    seconds, _ = await redis.time()
    # Redis lets go of whole nodes of 100 entries.
    old = (seconds - KEPT.total_seconds() - 1) * 1000
    for number in range(250):
        await redis.xadd(STREAM, {"session": "old", "kept": 1}, id=f"{int(old)}-{number}")
    await RedisRevocations(redis, KEPT).repeat(nothing)
    assert await redis.xlen(STREAM) < 150
    assert timedelta(milliseconds=await redis.pttl(STREAM)) <= KEPT


async def test_without_redis_nothing_is_revoked_and_that_is_said() -> None:
    ports = Ports()
    away = Redis.from_url(f"redis://127.0.0.1:{ports.choose()}")
    revocations = RedisRevocations(away, KEPT)
    with pytest.raises(Unavailable):
        await revocations.announce(EndedSessions(["s"], {}))
    with pytest.raises(Unavailable):
        await revocations.repeat(nothing)
    await away.aclose()
    ports.close()

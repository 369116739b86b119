from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.revocations import CHANNEL, session_key, user_key
from chassis.revocations import RedisRevocations as Reader
from devstack.ports import Ports
from svc_auth.peers.revocations import RedisRevocations
from svc_auth.usecases.ports import Revocations
from tests.contract.svc_auth.conftest import FAKE, REAL, TOKEN_LIFETIME
from tests.unit.fake_clock import START
from tests.unit.svc_auth.fakes import FakeRevocations

pytestmark = pytest.mark.anyio

# START is a quarter of a second into this one.
SECOND = int(START.timestamp())


@dataclass(frozen=True)
class Revoking:
    """The port, and what every process makes of it: (session, user, iat) -> is it revoked?"""

    port: Revocations
    is_revoked: Callable[[str, str, int], Awaitable[bool]]


@pytest.fixture(params=[FAKE, REAL])
def revoking(request: pytest.FixtureRequest) -> Revoking:
    if request.param == FAKE:
        fake = FakeRevocations()

        async def is_revoked(session_id: str, user_id: str, issued_at: int) -> bool:
            before = fake.users.get(user_id)
            return session_id in fake.sessions or (
                before is not None and issued_at < int(before.timestamp())
            )

        return Revoking(fake, is_revoked)
    redis: Redis = request.getfixturevalue("redis")
    return Revoking(RedisRevocations(redis, TOKEN_LIFETIME), Reader(redis).is_revoked)


async def test_sessions_are_revoked_by_name(revoking: Revoking) -> None:
    one, other, third = new_id(), new_id(), new_id()
    assert not await revoking.is_revoked(one, "u", SECOND)
    await revoking.port.revoke_sessions([one, other])
    await revoking.port.revoke_sessions([])
    assert await revoking.is_revoked(one, "u", SECOND)
    assert await revoking.is_revoked(other, "u", SECOND)
    assert not await revoking.is_revoked(third, "u", SECOND)


async def test_a_users_tokens_of_the_seconds_before_are_revoked(revoking: Revoking) -> None:
    user_id = new_id()
    await revoking.port.revoke_user(user_id, START)
    assert await revoking.is_revoked("s", user_id, SECOND - 1)
    assert not await revoking.is_revoked("s", user_id, SECOND)
    assert not await revoking.is_revoked("s", new_id(), SECOND - 1)


async def test_revocations_last_as_long_as_the_tokens(redis: Redis) -> None:
    name = new_id()
    revocations = RedisRevocations(redis, TOKEN_LIFETIME)
    await revocations.revoke_sessions([name])
    await revocations.revoke_user(name, START)
    for key in (session_key(name), user_key(name)):
        left = timedelta(milliseconds=await redis.pttl(key))
        assert TOKEN_LIFETIME < left <= TOKEN_LIFETIME + timedelta(minutes=1)


async def test_revocations_are_published_for_live_sockets(redis: Redis) -> None:
    name = new_id()
    revocations = RedisRevocations(redis, TOKEN_LIFETIME)
    async with redis.pubsub(ignore_subscribe_messages=True) as listener:
        await listener.subscribe(CHANNEL)
        heard = (each["data"].decode() async for each in listener.listen())
        await revocations.revoke_sessions([name])
        await revocations.revoke_user(name, START)
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
    revocations = RedisRevocations(away, TOKEN_LIFETIME)
    with pytest.raises(Unavailable):
        await revocations.revoke_sessions(["s"])
    with pytest.raises(Unavailable):
        await revocations.revoke_user("u", START)
    await away.aclose()
    ports.close()

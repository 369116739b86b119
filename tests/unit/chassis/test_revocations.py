"""Looking revocations up: together where several want to know, and never from before they came."""

import asyncio
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from chassis.auth.revocations import HEARTBEAT, RedisRevocations, session_key, user_key
from chassis.errors import Unavailable

pytestmark = pytest.mark.anyio


class Server:
    """A Redis that answers, when it is let, with what it had when it was asked."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {HEARTBEAT: b"1"}
        self.asked: list[tuple[str, ...]] = []
        self.may_answer = asyncio.Event()
        self.failure: Exception | None = None

    async def mget(self, *keys: str) -> list[bytes | None]:
        self.asked.append(keys)
        answer = [self.values.get(key) for key in keys]
        await self.may_answer.wait()
        if self.failure is not None:
            raise self.failure
        return answer


@pytest.fixture
async def server(anyio_backend: str) -> Server:
    return Server()


@pytest.fixture
def revocations(server: Server) -> RedisRevocations:
    return RedisRevocations(cast("Redis", server))


def wanted(revocations: RedisRevocations, *sessions: str) -> list["asyncio.Task[bool]"]:
    return [asyncio.create_task(revocations.is_revoked(each, "u", 1)) for each in sessions]


async def begun(server: Server, times: int) -> None:
    while len(server.asked) < times:
        await asyncio.sleep(0)


async def test_who_comes_while_redis_is_asked_is_asked_for_next_and_together(
    server: Server, revocations: RedisRevocations
) -> None:
    first = wanted(revocations, "s1")
    await begun(server, 1)
    # It ends after Redis was asked for the first; who comes now must be told.
    server.values[session_key("s1")] = b"1"
    later = wanted(revocations, "s1", "s2")
    await asyncio.sleep(0)
    server.may_answer.set()
    assert await asyncio.gather(*first, *later) == [False, True, False]
    keys: Any = [(HEARTBEAT, *pair) for pair in [(session_key("s1"), user_key("u"))]]
    assert server.asked[0] == keys[0]
    assert server.asked[1] == (*keys[0], session_key("s2"), user_key("u"))
    assert len(server.asked) == 2


async def test_all_who_wait_are_refused_where_redis_does_not_answer(
    server: Server, revocations: RedisRevocations
) -> None:
    tasks = wanted(revocations, "s1")
    await begun(server, 1)
    tasks += wanted(revocations, "s2", "s3")
    await asyncio.sleep(0)
    server.failure = RedisConnectionError("away")
    server.may_answer.set()
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        assert isinstance(outcome, Unavailable)
    server.failure = None
    assert not await revocations.is_revoked("s1", "u", 1)


async def test_one_who_leaves_takes_nobody_along(
    server: Server, revocations: RedisRevocations
) -> None:
    leaving, staying = wanted(revocations, "s1", "s2")
    await begun(server, 1)
    leaving.cancel()
    server.may_answer.set()
    assert not await staying


async def test_without_a_heartbeat_only_what_is_revoked_is_known(
    server: Server, revocations: RedisRevocations
) -> None:
    server.may_answer.set()
    server.values = {session_key("s1"): b"1", user_key("ann"): b"2000"}
    assert await revocations.is_revoked("s1", "u", 1)
    assert await revocations.is_revoked("s2", "ann", 1)
    with pytest.raises(Unavailable):
        await revocations.is_revoked("s2", "ann", 2)

"""Revocations from a stream: what is known without asking, and when Redis is asked after all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from chassis.auth.revocation_stream import CURRENT_SECONDS, KnownRevocations, RevocationStream
from chassis.auth.revocations import STREAM, Revocation
from chassis.resilience.backoff import Backoff
from chassis.tasks import cancel

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20.0
KEPT = 60_000
HEARTBEAT = {b"heartbeat": b"1"}


@dataclass
class Server:
    """A Redis with one stream; what waits at its end is woken by what is added."""

    entries: dict[int, dict[bytes, bytes]] = field(default_factory=dict)
    last: int = 100
    trouble: list[Exception] = field(default_factory=list)
    asked_from: list[int] = field(default_factory=list)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)
    _added: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, fields: dict[Any, Any]) -> None:
        self.last += 1
        self.entries[self.last] = {_bytes(name): _bytes(value) for name, value in fields.items()}
        self._added.set()

    def lose_everything(self, *, last: int) -> None:
        """From now on ids follow this one."""
        self.entries.clear()
        self.last = last

    def fail(self, error: Exception) -> None:
        self.trouble.append(error)
        self._added.set()

    async def xrange(self, name: str, first: Any, last: Any, count: int) -> list[Any]:
        assert (name, first, count) == (STREAM, last, 1)
        position = _number(first)
        return [position] if position in self.entries else []

    async def xread(self, positions: dict[str, Any], block: int) -> list[Any]:
        position = _number(positions[STREAM])
        self.asked_from.append(position)
        while True:
            if self.trouble:
                raise self.trouble.pop(0)
            news = [
                (b"%d-0" % number, fields)
                for number, fields in self.entries.items()
                if number > position
            ]
            if news:
                return [[STREAM.encode(), news]]
            self._added.clear()
            self.waiting.set()
            await self._added.wait()
            self.waiting.clear()

    async def all_read(self) -> None:
        """Wait until what reads has read all, and waits for more."""
        while self._added.is_set() or not self.waiting.is_set():
            await asyncio.sleep(0)


def _number(entry_id: str | bytes) -> int:
    text = entry_id.decode() if isinstance(entry_id, bytes) else entry_id
    return int(text.partition("-")[0])


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


class Asked:
    """Redis itself, asked for a token."""

    def __init__(self) -> None:
        self.times = 0

    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        self.times += 1
        return session_id == "only Redis knows"


@dataclass
class Process:
    server: Server
    asked: Asked
    known: KnownRevocations
    clock: list[float]

    async def is_revoked(
        self, session_id: str = "s", user_id: str = "u", issued_at: float = 0
    ) -> bool:
        return await self.known.is_revoked(session_id, user_id, issued_at)


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[Process]:
    clock, asked = [1000.0], Asked()
    known = KnownRevocations(cast("Redis", server), asked, lambda: clock[0], Backoff(0, 0))
    task = asyncio.create_task(known.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        yield Process(server, asked, known, clock)
    await cancel([task])


def ended(session_id: str) -> dict[Any, Any]:
    return Revocation(KEPT, session_id=session_id).fields()


async def test_redis_is_asked_until_a_heartbeat_was_read() -> None:
    server = Server()
    server.add(ended("one"))
    async with running(server) as process:
        await server.all_read()
        assert not await process.is_revoked()
        assert process.asked.times == 1
        server.add(HEARTBEAT)
        await server.all_read()
        assert not await process.is_revoked()
        assert await process.is_revoked("one")
        assert process.asked.times == 1


async def test_a_revocation_counts_as_soon_as_it_is_read() -> None:
    server = Server()
    server.add(HEARTBEAT)
    async with running(server) as process:
        await server.all_read()
        assert not await process.is_revoked("one")
        server.add(ended("one"))
        server.add(Revocation(KEPT, user_id="ann", before=5000).fields())
        await server.all_read()
        assert await process.is_revoked("one")
        assert await process.is_revoked(user_id="ann", issued_at=4.9)
        assert not await process.is_revoked(user_id="ann", issued_at=5)
        # What was told before about her is told again; the later time counts.
        server.add(Revocation(KEPT, user_id="ann", before=3000).fields())
        await server.all_read()
        assert await process.is_revoked(user_id="ann", issued_at=4.9)
        assert process.asked.times == 0


async def test_redis_is_asked_when_the_last_heartbeat_is_too_old() -> None:
    """So a service refuses a revoked token after so much time at most, whatever the stream does."""
    server = Server()
    server.add(HEARTBEAT)
    async with running(server) as process:
        await server.all_read()
        process.clock[0] += CURRENT_SECONDS - 0.1
        assert not await process.is_revoked("only Redis knows")
        process.clock[0] += 0.1
        assert await process.is_revoked("only Redis knows")
        # What was read counts without asking.
        server.add(ended("one"))
        await server.all_read()
        assert await process.is_revoked("one")
        assert process.asked.times == 1


async def test_the_age_of_a_heartbeat_counts_from_when_it_was_asked_for() -> None:
    """An answer that was long on its way says nothing of what was revoked meanwhile."""
    server = Server()
    async with running(server) as process:
        await server.waiting.wait()
        process.clock[0] += CURRENT_SECONDS
        server.add(HEARTBEAT)
        await server.all_read()
        await process.is_revoked()
        assert process.asked.times == 1


@pytest.mark.parametrize("trouble", [RedisConnectionError("away"), ValueError("an internal error")])
async def test_after_a_loss_it_is_read_on_from_the_last_position(trouble: Exception) -> None:
    server = Server()
    server.add(HEARTBEAT)
    async with running(server) as process:
        await server.all_read()
        server.fail(trouble)
        server.add(ended("meanwhile"))
        await server.all_read()
        assert await process.is_revoked("meanwhile")
    assert server.asked_from == [0, 101, 101, 102]


async def test_an_entry_that_cannot_be_read_does_not_end_the_reading() -> None:
    server = Server()
    server.add({b"of": b"another version"})
    server.add(ended("one"))
    async with running(server) as process:
        await server.all_read()
        assert await process.is_revoked("one")


@pytest.mark.parametrize("last", [0, 1000])
async def test_where_its_position_is_lost_the_stream_is_read_from_its_beginning(last: int) -> None:
    """Another Redis takes over: its clock may be behind, so that its ids are lower."""
    server = Server()
    server.add(ended("before"))
    async with running(server) as process:
        await server.all_read()
        server.lose_everything(last=last)
        server.add(ended("missed"))
        server.fail(RedisConnectionError("another takes over"))
        await server.all_read()
        assert await process.is_revoked("missed")
        assert await process.is_revoked("before")


async def test_a_revocation_is_forgotten_when_its_last_token_has_expired() -> None:
    server = Server()
    server.add(ended("one"))
    async with running(server) as process:
        await server.all_read()
        process.clock[0] += KEPT / 1000 - 1
        assert await process.is_revoked("one")
        process.clock[0] += 1
        assert not await process.is_revoked("one")


async def test_each_revocation_is_heard() -> None:
    server, heard = Server(), list[Revocation]()
    hear: Callable[[Revocation], None] = heard.append
    server.add(ended("one"))
    task = asyncio.create_task(RevocationStream(cast("Redis", server), hear).run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await server.all_read()
        server.add(HEARTBEAT)
        server.add(Revocation(KEPT, user_id="ann", before=5000).fields())
        await server.all_read()
    await cancel([task])
    assert heard == [
        Revocation(KEPT, session_id="one"),
        Revocation(KEPT, user_id="ann", before=5000),
    ]

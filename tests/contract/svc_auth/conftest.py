"""Each port of the auth service, once in memory and once on what it stands for."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from redis.asyncio import Redis

from chassis.mongo.client import Document
from svc_auth.peers.passwords import Argon2Passwords, Cost
from svc_auth.store import INDEXES, MongoSessions, MongoUsers
from svc_auth.usecases.ports import Passwords, Sessions, Users
from tests.support.databases import empty_database
from tests.unit.svc_auth.fakes import FakePasswords, FakeSessions, FakeUsers

FAKE, REAL = "fake", "real"


@pytest.fixture
async def database(mongodb_url: str) -> AsyncIterator[AsyncDatabase[Document]]:
    """An empty database with the indexes of auth."""
    async with empty_database(mongodb_url, INDEXES) as database:
        yield database


@pytest.fixture
def own_redis_url(redis_url: str) -> str:
    """A database of Redis that is these tests' alone."""
    return urlsplit(redis_url)._replace(path="/7").geturl()


@pytest.fixture
async def redis(own_redis_url: str) -> AsyncIterator[Redis]:
    """A connection to that database, which is empty."""
    redis = Redis.from_url(own_redis_url)
    await redis.flushdb()
    yield redis
    await redis.aclose()


@pytest.fixture(params=[FAKE, REAL])
def users(request: pytest.FixtureRequest) -> Users:
    """The accounts, both kinds."""
    if request.param == FAKE:
        return FakeUsers()
    return MongoUsers(request.getfixturevalue("database"))


@pytest.fixture(params=[FAKE, REAL])
def sessions(request: pytest.FixtureRequest) -> Sessions:
    """The sessions, both kinds."""
    if request.param == FAKE:
        return FakeSessions()
    return MongoSessions(request.getfixturevalue("database"))


@dataclass(frozen=True)
class Hashing:
    """A port, and another of the same kind with other parameters."""

    passwords: Passwords
    dearer: Passwords


@pytest.fixture(params=[FAKE, REAL])
async def hashing(request: pytest.FixtureRequest) -> AsyncIterator[Hashing]:
    """The hashing of passwords, both kinds."""
    if request.param == FAKE:
        dearer = FakePasswords()
        dearer.version = "v2"
        yield Hashing(FakePasswords(), dearer)
    else:
        cheap = Argon2Passwords(Cost(memory_kib=8, iterations=1), at_once=1)
        dear = Argon2Passwords(Cost(memory_kib=16, iterations=1), at_once=1)
        yield Hashing(cheap, dear)
        await cheap.aclose()
        await dear.aclose()

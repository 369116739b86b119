import asyncio
from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import utcnow
from chassis.mongo.client import Document
from chassis.mongo.leases import LIFETIME, Lease

pytestmark = pytest.mark.anyio


async def test_only_one_of_many_takes_it(database: AsyncDatabase[Document]) -> None:
    leases = [Lease(database, "sweep", f"replica {number}") for number in range(10)]
    taken = await asyncio.gather(*(lease.take() for lease in leases))
    assert sum(taken) == 1


async def test_its_holder_takes_it_again(database: AsyncDatabase[Document]) -> None:
    lease = Lease(database, "sweep", "a")
    assert [await lease.take(), await lease.take()] == [True, True]


async def test_leases_of_other_names_are_others(database: AsyncDatabase[Document]) -> None:
    assert await Lease(database, "sweep", "a").take()
    assert await Lease(database, "expiry", "b").take()


async def test_given_back_it_is_free(database: AsyncDatabase[Document]) -> None:
    mine, theirs = Lease(database, "sweep", "a"), Lease(database, "sweep", "b")
    await mine.take()
    await theirs.give_back()
    assert not await theirs.take()
    await mine.give_back()
    assert await theirs.take()


async def test_it_runs_out_unless_it_is_taken_again(database: AsyncDatabase[Document]) -> None:
    now = utcnow()
    mine = Lease(database, "sweep", "a", clock=lambda: now)
    theirs = Lease(database, "sweep", "b", clock=lambda: now)
    assert await mine.take()
    now += LIFETIME - timedelta(milliseconds=1)
    assert not await theirs.take()
    assert await mine.take()
    now += LIFETIME - timedelta(milliseconds=1)
    assert not await theirs.take()
    now += timedelta(milliseconds=1)
    assert await theirs.take()
    assert not await mine.take()

import asyncio
from collections import defaultdict
from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import utcnow
from chassis.mongo.client import Document
from svc_notify.store import MongoMessageLog
from svc_notify.usecases.follow_log import FollowLog, FollowPace
from svc_notify.usecases.wakeup import Wakeup
from tests.unit.svc_notify.fakes import order_draft

pytestmark = pytest.mark.anyio

AUDIENCES = ("public", "admins", "user:u1", "user:u2")
EACH = 30


@pytest.mark.parametrize("is_woken", [False, True], ids=["of nothing", "by one"])
async def test_a_follower_sees_everything_that_replicas_write_in_order(
    database: AsyncDatabase[Document], is_woken: bool
) -> None:
    """Two replicas write at once; a follower is told by one of them, or only looks."""
    wakeup = Wakeup()
    woken = wakeup if is_woken else Wakeup()
    replicas = [MongoMessageLog(database, utcnow, each) for each in (woken, Wakeup())]
    own = MongoMessageLog(database, utcnow)
    pace = FollowPace(poll=timedelta(milliseconds=20), sign_of_life=timedelta(days=1))
    stream = FollowLog(own, wakeup, utcnow, pace)()
    assert await anext(stream) is None

    async def write(log: MongoMessageLog, audience: str) -> None:
        for number in range(EACH):
            await log.append(order_draft(f"e{number}", audience))

    writing = asyncio.gather(*(write(log, each) for log in replicas for each in AUDIENCES))
    seen = defaultdict[str, list[int]](list)
    while sum(map(len, seen.values())) < EACH * len(AUDIENCES):
        message = await anext(stream)
        assert message is not None
        seen[message.audience].append(message.sequence)
    await writing
    assert seen == {audience: list(range(1, EACH + 1)) for audience in AUDIENCES}

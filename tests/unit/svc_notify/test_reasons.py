"""Every reason that the contract declares for the RPCs of notify can happen."""

from typing import Any, cast

import pytest
from shop.notify.v1 import notify_pb2

from chassis.auth.identity import Identity, acting_as
from svc_notify.rpc import NotifyRpc, UseCases
from svc_notify.usecases.follow_log import FollowLog, ReadMissed
from svc_notify.usecases.inbox import ListInbox, MarkRead
from svc_notify.usecases.wakeup import Wakeup
from tests.support.clock import FakeClock
from tests.support.reasons import Refusals, declared
from tests.unit.svc_notify.fakes import FakeMessages

pytestmark = pytest.mark.anyio

# No method looks at it.
CONTEXT = cast("Any", None)


def new_rpc() -> NotifyRpc:
    clock = FakeClock()
    messages = FakeMessages(clock)
    follow = FollowLog(messages, Wakeup(), clock)
    return NotifyRpc(
        UseCases(ListInbox(messages), MarkRead(messages), follow, ReadMissed(messages))
    )


refusals = Refusals(new_rpc)


@refusals.of("MarkRead", "NOT_FOUND")
async def mark_what_is_not_there(rpc: NotifyRpc) -> None:
    with acting_as(Identity("user", "u1", "user", "s1")):
        await rpc.MarkRead(notify_pb2.MarkReadRequest(ids=["ghost"]), CONTEXT)


async def test_every_declared_reason_can_happen() -> None:
    service = notify_pb2.DESCRIPTOR.services_by_name["NotifyService"]
    assert await refusals.provoked() == declared(service)

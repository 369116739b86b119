from typing import Any, cast

import pytest
from shop.notify.v1 import notify_pb2

from chassis.auth.identity import Identity, acting_as
from chassis.errors import InvalidField, NotFound
from svc_notify.rpc import NotifyRpc, UseCases
from svc_notify.usecases.follow_log import FollowLog, ReadMissed
from svc_notify.usecases.inbox import ListInbox, MarkRead
from svc_notify.usecases.wakeup import Wakeup
from tests.support.clock import FakeClock
from tests.unit.svc_notify.fakes import FakeMessages, order_draft, payment_draft

pytestmark = pytest.mark.anyio

NO_CONTEXT = cast("Any", None)
USER = Identity("user", "u1", "user", "s1")
ANOTHER = Identity("user", "u2", "user", "s2")


@pytest.fixture
def rpc(messages: FakeMessages, clock: FakeClock) -> NotifyRpc:
    follow = FollowLog(messages, Wakeup(), clock)
    return NotifyRpc(
        UseCases(ListInbox(messages), MarkRead(messages), follow, ReadMissed(messages))
    )


async def listed(
    rpc: NotifyRpc, page_size: int = 0, page_token: str = ""
) -> notify_pb2.ListNotificationsResponse:
    return await rpc.ListNotifications(
        notify_pb2.ListNotificationsRequest(page_size=page_size, page_token=page_token), NO_CONTEXT
    )


async def test_the_inbox_is_listed_newest_first(
    rpc: NotifyRpc, messages: FakeMessages, clock: FakeClock
) -> None:
    await messages.append(order_draft("e1"))
    await messages.append(payment_draft("e2"))
    with acting_as(USER):
        response = await listed(rpc)
    assert [each.type for each in response.notifications] == ["payment.failed", "order.completed"]
    newest = response.notifications[0]
    assert (newest.title, newest.order_id, newest.read) == ("Your card was declined", "o1", False)
    assert newest.time.ToDatetime(clock.now.tzinfo) == clock.now
    assert (response.total_size, response.unread_count, response.next_page_token) == (2, 2, "")


async def test_pages_of_an_inbox_are_its_owners_only(
    rpc: NotifyRpc, messages: FakeMessages
) -> None:
    for number in range(3):
        await messages.append(order_draft(f"e{number}"))
    with acting_as(USER):
        first = await listed(rpc, page_size=2)
        rest = await listed(rpc, page_size=2, page_token=first.next_page_token)
    ids = [each.id for each in [*first.notifications, *rest.notifications]]
    assert len(set(ids)) == 3
    assert rest.next_page_token == ""
    with acting_as(ANOTHER):
        assert not (await listed(rpc)).notifications
        with pytest.raises(InvalidField):
            await listed(rpc, page_token=first.next_page_token)


async def test_marking_as_read(rpc: NotifyRpc, messages: FakeMessages) -> None:
    mine = await messages.append(order_draft("e1"))
    await messages.append(order_draft("e2"))
    assert mine is not None
    with acting_as(ANOTHER):
        with pytest.raises(NotFound):
            await rpc.MarkRead(notify_pb2.MarkReadRequest(ids=[mine.id]), NO_CONTEXT)
        await rpc.MarkRead(notify_pb2.MarkReadRequest(), NO_CONTEXT)
    with acting_as(USER):
        assert (await listed(rpc)).unread_count == 2
        some = await rpc.MarkRead(notify_pb2.MarkReadRequest(ids=[mine.id]), NO_CONTEXT)
        assert [each.read for each in (await listed(rpc)).notifications] == [False, True]
        everything = await rpc.MarkRead(notify_pb2.MarkReadRequest(), NO_CONTEXT)
    assert (some.unread_count, everything.unread_count) == (1, 0)


async def test_health(rpc: NotifyRpc) -> None:
    response = await rpc.CheckHealth(notify_pb2.CheckHealthRequest(), NO_CONTEXT)
    assert response.status == "ok"


async def test_a_subscription_begins_with_a_sign_of_life(
    rpc: NotifyRpc, messages: FakeMessages
) -> None:
    stream = aiter(rpc.Subscribe(notify_pb2.SubscribeRequest(), NO_CONTEXT))
    assert not (await anext(stream)).HasField("message")
    await messages.append(order_draft())
    message = (await anext(stream)).message
    assert (message.audience, message.sequence) == ("user:u1", 1)


async def test_what_was_missed_is_listed(rpc: NotifyRpc, messages: FakeMessages) -> None:
    for number in range(3):
        await messages.append(order_draft(f"e{number}", "admins"))
    request = notify_pb2.ListMessagesRequest(audience="admins", after_sequence=1)
    response = await rpc.ListMessages(request, NO_CONTEXT)
    assert [each.sequence for each in response.messages] == [2, 3]
    assert response.latest_sequence == 3
    request.after_sequence = -1
    response = await rpc.ListMessages(request, NO_CONTEXT)
    assert not response.messages
    assert response.latest_sequence == 3

import pytest

from chassis.errors import NotFound
from svc_notify.usecases.inbox import ListInbox, MarkRead
from tests.unit.svc_notify.fakes import FakeMessages, order_draft, payment_draft

pytestmark = pytest.mark.anyio


async def test_an_inbox_is_listed_newest_first_in_pages(messages: FakeMessages) -> None:
    for number in range(3):
        await messages.append(order_draft(f"e{number}"))
    first = await ListInbox(messages)("u1", before=None, limit=2)
    assert [m.sequence for m in first.messages] == [3, 2]
    assert (first.has_more, first.total, first.unread) == (True, 3, 3)
    rest = await ListInbox(messages)("u1", before=2, limit=2)
    assert [m.sequence for m in rest.messages] == [1]
    assert not rest.has_more


async def test_some_are_marked_as_read(messages: FakeMessages) -> None:
    one = await messages.append(order_draft("e1"))
    await messages.append(payment_draft("e2"))
    assert one is not None
    assert await MarkRead(messages)("u1", [one.id, one.id]) == 1
    assert await MarkRead(messages)("u1", [one.id]) == 1


async def test_all_are_marked_as_read_where_none_is_named(messages: FakeMessages) -> None:
    await messages.append(order_draft("e1"))
    await messages.append(payment_draft("e2"))
    assert await MarkRead(messages)("u1", []) == 0


async def test_nobody_marks_another_users_notifications(messages: FakeMessages) -> None:
    mine = await messages.append(order_draft("e1"))
    assert mine is not None
    with pytest.raises(NotFound):
        await MarkRead(messages)("u2", [mine.id])
    with pytest.raises(NotFound):
        await MarkRead(messages)("u1", [mine.id, "unknown"])
    assert await MarkRead(messages)("u2", []) == 0
    assert await messages.unread("u1") == 1

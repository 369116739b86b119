import pytest

from svc_notify.model.announcements import order_completed
from svc_notify.model.notices import OrderNotice
from svc_notify.usecases.announce import Announce
from tests.support.clock import START
from tests.unit.svc_notify.fakes import PRICE, FakeMessages

pytestmark = pytest.mark.anyio

COMPLETED = order_completed("u1", OrderNotice("o1", "completed", PRICE))


async def test_each_audience_has_its_own_message(messages: FakeMessages) -> None:
    announce = Announce(messages)
    await announce(COMPLETED, event_id="e1", type="order.completed", time=START)
    assert [(m.audience, m.sequence) for m in messages.kept] == [("user:u1", 1), ("admins", 1)]
    assert {(m.type, m.time) for m in messages.kept} == {("order.completed", START)}


async def test_a_redelivered_event_changes_nothing(messages: FakeMessages) -> None:
    announce = Announce(messages)
    for _ in range(2):
        await announce(COMPLETED, event_id="e1", type="order.completed", time=START)
    assert len(messages.kept) == 2


async def test_a_delivery_that_stopped_half_way_is_finished_by_the_next(
    messages: FakeMessages,
) -> None:
    announce = Announce(messages)
    append, calls = messages.append, 0

    async def fail_the_second(draft: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ConnectionError
        return await append(draft)  # type: ignore[arg-type]  # a Draft

    messages.append = fail_the_second  # type: ignore[method-assign,assignment]  # a fault
    with pytest.raises(ConnectionError):
        await announce(COMPLETED, event_id="e1", type="order.completed", time=START)
    await announce(COMPLETED, event_id="e1", type="order.completed", time=START)
    assert sorted(m.audience for m in messages.kept) == ["admins", "user:u1"]

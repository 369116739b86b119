"""What the port Orders promises of lists: pages, figures, and what is due."""

from datetime import timedelta

import pytest

from chassis.errors import Unavailable
from svc_orders.model.order import RECONCILE_AFTER, OrderStatus
from svc_orders.usecases.ports import BestSeller, DayRevenue, Filter, Position, change
from tests.contract.svc_orders.conftest import OrdersUnderTest
from tests.contract.svc_orders.making import (
    DAY,
    LEASE,
    certain,
    completed,
    created,
    placed,
    refused,
)
from tests.unit.svc_orders.world import BEN, LIFETIME, NOON, usd

pytestmark = pytest.mark.anyio


async def test_abandoned_orders_are_found(orders: OrdersUnderTest) -> None:
    await orders.port.insert(created("late", at=NOON + LEASE))
    await orders.port.insert(created("early"))
    await placed(orders, created("done"))
    just_before = NOON + LEASE - timedelta(milliseconds=1)
    assert await orders.port.abandoned(just_before, 10) == []
    assert [each.id for each in await orders.port.abandoned(NOON + LEASE, 10)] == ["early"]
    both = await orders.port.abandoned(NOON + 2 * LEASE, 10)
    assert [each.id for each in both] == ["early", "late"]
    assert [each.id for each in await orders.port.abandoned(NOON + DAY, 1)] == ["early"]


async def test_expired_orders_are_found(orders: OrdersUnderTest) -> None:
    await placed(orders, created("late", at=NOON + LEASE))
    await placed(orders, created("early"))
    await completed(orders, created("paid"), NOON)
    await orders.port.insert(created("created"))
    assert await orders.port.expiring(NOON + LIFETIME - timedelta(milliseconds=1), None, 10) == []
    assert [each.id for each in await orders.port.expiring(NOON + LIFETIME, None, 10)] == ["early"]
    both = await orders.port.expiring(NOON + DAY, None, 10)
    assert [each.id for each in both] == ["early", "late"]


async def test_expired_orders_come_page_by_page(orders: OrdersUnderTest) -> None:
    for order_id in ("a", "c", "b"):
        await placed(orders, created(order_id))
    await placed(orders, created("0", at=NOON + LEASE))
    seen, after = [], None
    while page := await orders.port.expiring(NOON + DAY, after, 2):
        after = page[-1]
        seen += [each.id for each in page]
    assert seen == ["a", "b", "c", "0"]


async def test_cancelled_orders_are_found_to_be_reported_again(orders: OrdersUnderTest) -> None:
    await placed(orders, created("pending"))
    await placed(orders, created("ended"))
    order = await change(orders.port, "ended", lambda it: it.cancel("No.", NOON))
    due_at = NOON + LIFETIME + RECONCILE_AFTER
    assert order.reconcile_at == due_at
    assert await orders.port.to_reconcile(due_at - timedelta(milliseconds=1), 10) == []
    assert await orders.port.to_reconcile(due_at, 10) == [order]
    await change(orders.port, "ended", lambda it: it.reconciled())
    assert await orders.port.to_reconcile(NOON + DAY, 10) == []


async def test_due_releases_are_found(orders: OrdersUnderTest) -> None:
    late = await refused(orders, created("late", at=NOON + LEASE), Unavailable())
    await refused(orders, created("early"), Unavailable())
    await placed(orders, created("pending"))
    assert [each.id for each in await orders.port.to_release(NOON, 10)] == ["early"]
    assert [each.id for each in await orders.port.to_release(NOON + DAY, 10)] == ["early", "late"]
    assert await orders.port.save(certain(late.released()))
    assert [each.id for each in await orders.port.to_release(NOON + DAY, 10)] == ["early"]


async def test_refused_orders_are_forgotten(orders: OrdersUnderTest) -> None:
    old = await refused(orders, created("old"), Unavailable())
    await orders.port.save(certain(old.released()))
    await refused(orders, created("due"), Unavailable())
    await placed(orders, created("pending"))
    await orders.port.forget_refused(NOON, 10)
    assert await orders.port.get("old") is not None
    await orders.port.forget_refused(NOON + DAY, 10)
    assert await orders.port.get("old") is None
    assert await orders.port.get("due") is not None
    assert await orders.port.get("pending") is not None


async def test_refused_orders_that_owe_a_release_do_not_hide_the_others(
    orders: OrdersUnderTest,
) -> None:
    for number in range(6):
        order = await refused(orders, created(f"o{number}"), Unavailable())
        if number > 2:
            assert await orders.port.save(certain(order.released()))
    assert await orders.port.forget_refused(NOON + DAY, 2) == 2
    assert await orders.port.forget_refused(NOON + DAY, 2) == 1
    assert await orders.port.get("o2") is not None
    assert await orders.port.get("o3") is None


async def test_pages(orders: OrdersUnderTest) -> None:
    for number in range(5):
        # Two made in the same millisecond: their ids decide.
        await placed(orders, created(f"o{number}", at=NOON + number // 2 * DAY))
    await refused(orders, created("refused"), Unavailable())
    seen: list[str] = []
    after: Position | None = None
    while True:
        page = await orders.port.page(Filter(), after, 2)
        assert page.total == 5
        assert all(order.timeline == () for order in page.orders)
        seen += [order.id for order in page.orders]
        after = page.end
        if after is None:
            break
    assert seen == ["o4", "o3", "o2", "o1", "o0"]


async def test_only_the_first_page_is_counted(orders: OrdersUnderTest) -> None:
    for number in range(3):
        await placed(orders, created(f"o{number}", at=NOON + number * DAY))
    first = await orders.port.page(Filter(), None, 2)
    await placed(orders, created("o9", at=NOON + 9 * DAY))
    last = await orders.port.page(Filter(), first.end, 2)
    assert (first.total, last.total, [order.id for order in last.orders]) == (3, 3, ["o0"])
    assert (await orders.port.page(Filter(), None, 4)).total == 4


async def test_filters(orders: OrdersUnderTest) -> None:
    await placed(orders, created("o1"))
    await placed(orders, created("o2", buyer=BEN, at=NOON + DAY))
    await completed(orders, created("o3", at=NOON + 2 * DAY), NOON + 2 * DAY)

    async def ids(**filters: object) -> list[str]:
        page = await orders.port.page(Filter(**filters), None, 10)  # type: ignore[arg-type]  # by name
        assert page.total == len(page.orders)
        return [order.id for order in page.orders]

    assert await ids() == ["o3", "o2", "o1"]
    assert await ids(user_id="ann") == ["o3", "o1"]
    assert await ids(status=OrderStatus.PENDING) == ["o2", "o1"]
    assert await ids(status=OrderStatus.PENDING, user_id="ann") == ["o1"]
    assert await ids(since=NOON + DAY) == ["o3", "o2"]
    assert await ids(until=NOON + DAY) == ["o1"]
    assert await ids(since=NOON + DAY, until=NOON + 2 * DAY) == ["o2"]
    assert await ids(user_id="nobody") == []


async def test_stats(orders: OrdersUnderTest) -> None:
    await completed(orders, created("old", lamp=9), NOON - DAY)
    await completed(orders, created("o1", lamp=2, vase=1), NOON)
    await completed(orders, created("o2", lamp=1), NOON)
    await completed(orders, created("o3", rug=2), NOON + DAY)
    await placed(orders, created("o4"))
    undone = await completed(orders, created("o5", lamp=50), NOON)
    await orders.port.save(undone.cancel("Undone.", NOON, by_admin=True))
    await refused(orders, created("o6"), Unavailable())
    stats = await orders.port.stats("2026-11-23")
    assert dict(stats.by_status) == {
        OrderStatus.COMPLETED: 4,
        OrderStatus.PENDING: 1,
        OrderStatus.CANCELLED: 1,
    }
    assert stats.revenue_by_day == (
        DayRevenue("2026-11-23", usd(4000), 2),
        DayRevenue("2026-11-24", usd(2000), 1),
    )
    assert stats.best_sellers == (
        BestSeller("lamp", "Title", 3, usd(3000)),
        BestSeller("rug", "Title", 2, usd(2000)),
        BestSeller("vase", "Title", 1, usd(1000)),
    )

"""What the port Orders promises."""

import asyncio
from dataclasses import replace

import pytest

from chassis.currencies import Money
from chassis.errors import InvalidField, NotFound, Refusal, Unavailable
from svc_orders.model.lines import CartRef
from svc_orders.model.order import cart_key, given_key
from svc_orders.model.refusals import (
    OrderFailed,
    OutOfStock,
    PriceChange,
    PriceChanged,
    Shortage,
    TooManyUnpaidItems,
    TooManyUnpaidOrders,
    UnpaidItems,
)
from tests.contract.svc_orders.conftest import OrdersUnderTest
from tests.contract.svc_orders.making import (
    LEASE,
    certain,
    completed,
    created,
    placed,
    refused,
)
from tests.unit.svc_orders.world import BEN, NOON, usd

pytestmark = pytest.mark.anyio


async def test_an_order_is_kept_whole(orders: OrdersUnderTest) -> None:
    order = created("o1", key="k")
    assert await orders.port.insert(order)
    assert await orders.port.get("o1") == order
    assert await orders.port.by_key("ann", given_key("k")) == order
    assert await orders.port.get("o2") is None
    assert await orders.port.by_key("ben", given_key("k")) is None


async def test_every_state_is_kept_whole(orders: OrdersUnderTest) -> None:
    pending = await placed(orders, created("o1"))
    assert await orders.port.get("o1") == pending
    done = await completed(orders, created("o2"), NOON + LEASE)
    assert await orders.port.get("o2") == done
    cancelled = done.cancel("Cancelled.", NOON, by_admin=True)
    assert await orders.port.save(cancelled)
    assert await orders.port.get("o2") == cancelled.order


@pytest.mark.parametrize(
    "refusal",
    [
        NotFound("There is no product lamp."),
        Unavailable("Interrupted."),
        OrderFailed("The order could not be made."),
        InvalidField("items", "must all be priced in one currency"),
        OutOfStock([Shortage("lamp", "Lamp", 2, 1)]),
        TooManyUnpaidOrders(20),
        TooManyUnpaidOrders(500, of_network=True),
        TooManyUnpaidItems([UnpaidItems("lamp", "Lamp", 60, 50, 99)]),
        PriceChanged([PriceChange("lamp", "Lamp", usd(1000), Money(900, "USD"))]),
    ],
    ids=lambda refusal: refusal.reason,
)
async def test_refusals_are_kept_whole(orders: OrdersUnderTest, refusal: Refusal) -> None:
    order = await refused(orders, created("o1", key="k"), refusal)
    kept = await orders.port.get("o1")
    assert kept is not None
    assert type(kept.refusal) is type(refusal)
    assert vars(kept.refusal) == vars(refusal)
    assert replace(kept, refusal=None) == replace(order, refusal=None)
    released = certain(order.released())
    assert await orders.port.save(released)
    after = await orders.port.get("o1")
    assert after is not None
    assert after.release_due_at is None


async def test_a_user_has_one_order_for_a_key(orders: OrdersUnderTest) -> None:
    assert await orders.port.insert(created("o1", key="k"))
    assert not await orders.port.insert(created("o2", key="k"))
    assert await orders.port.insert(created("o3", key="k", buyer=BEN))
    assert await orders.port.insert(created("o4"))
    assert await orders.port.insert(created("o5"))


async def test_one_of_many_inserts_with_a_key_wins(orders: OrdersUnderTest) -> None:
    kept = await asyncio.gather(
        *(orders.port.insert(created(f"o{number}", key="k")) for number in range(20))
    )
    assert sum(kept) == 1


async def test_a_refused_order_gives_its_key_up(orders: OrdersUnderTest) -> None:
    await refused(orders, created("o1", key="k"), Unavailable())
    assert await orders.port.by_key("ann", given_key("k")) is None
    assert await orders.port.insert(created("o2", key="k"))


async def test_one_of_many_writes_of_a_version_wins(orders: OrdersUnderTest) -> None:
    order = await placed(orders, created("o1"))
    changes = [order.cancel(f"Because {number}.", NOON) for number in range(20)]
    written = await asyncio.gather(*map(orders.port.save, changes))
    assert sum(written) == 1
    assert await orders.port.get("o1") == changes[written.index(True)].order
    assert await orders.announced() == ["order.created", "order.cancelled"]


async def test_a_write_on_an_old_version_changes_nothing(orders: OrdersUnderTest) -> None:
    order = created("o1")
    pending = await placed(orders, order)
    assert not await orders.port.save(order.cancel("Late.", NOON))
    assert await orders.port.get("o1") == pending
    assert await orders.announced() == ["order.created"]


async def test_one_of_many_takes_a_lease_over(orders: OrdersUnderTest) -> None:
    order = created("o1")
    await orders.port.insert(order)
    until = NOON + 2 * LEASE
    leased = await asyncio.gather(*(orders.port.lease(order, until) for _ in range(10)))
    assert sum(leased) == 1
    after = await orders.port.get("o1")
    assert after == replace(order, leased_until=until)
    assert not await orders.port.lease(order, NOON + 3 * LEASE)


async def test_a_lease_keeps_nobody_from_writing(orders: OrdersUnderTest) -> None:
    order = created("o1")
    await orders.port.insert(order)
    assert await orders.port.lease(order, NOON + 2 * LEASE)
    assert await orders.port.save(order.cancel("Cancelled.", NOON))
    after = await orders.port.get("o1")
    assert after is not None
    assert after.leased_until is None


CART = CartRef("c1", 3, 7)


async def test_an_order_of_a_cart_is_kept_whole(orders: OrdersUnderTest) -> None:
    order = await placed(orders, created("o1", key="k", cart=CART))
    assert await orders.port.get("o1") == order
    assert await orders.port.by_client_key("ann", "k") == order
    assert await orders.port.by_client_key("ben", "k") is None
    assert await orders.port.by_key("ann", given_key("k")) is None
    assert await orders.port.by_key("ann", cart_key(CART)) == order


async def test_a_generation_of_a_cart_has_one_order(orders: OrdersUnderTest) -> None:
    first = await placed(orders, created("o1", key="k", cart=CART))
    assert not await orders.port.insert(created("o2", cart=CART))
    assert await orders.port.insert(created("o3", cart=replace(CART, generation=4)))
    replaced = certain(first.replace(NOON))
    assert await orders.port.save(replaced)
    assert await orders.port.get("o1") == replaced.order
    assert await orders.port.by_client_key("ann", "k") is None
    assert await orders.port.insert(created("o2", cart=CART))


async def test_which_orders_are_still_open(orders: OrdersUnderTest) -> None:
    await orders.port.insert(created("o1"))
    await placed(orders, created("o2"))
    await completed(orders, created("o3"), NOON)
    await refused(orders, created("o4"), Unavailable())
    assert await orders.port.still_open(["o1", "o2", "o3", "o4", "o5"]) == {"o1", "o2"}
    assert await orders.port.still_open([]) == set()

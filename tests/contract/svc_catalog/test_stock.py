"""The port StockStore, and the stock on it."""

import asyncio

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo import Document
from chassis.outbox import Outbox
from svc_catalog.model.stock import (
    NOTHING,
    OutOfStock,
    Standing,
    State,
    StockChange,
    StockLine,
    release,
    restock,
    sell,
    undo,
)
from svc_catalog.store import MongoProductStore, MongoStockStore
from svc_catalog.usecases.stock import Stock
from tests.contract.svc_catalog.conftest import Stores
from tests.unit.svc_catalog.samples import NOON, product

pytestmark = pytest.mark.anyio

HELD = Standing(State.RESERVED, 3)


async def figures(stores: Stores) -> tuple[int, int, int]:
    """Quantity, reserved and version."""
    found = await stores.products.find("lamp")
    assert found is not None
    return found.fields.quantity, found.reserved, found.version


def changed(change: StockChange | None) -> StockChange:
    assert change is not None
    return change


@pytest.fixture
async def held(stores: Stores) -> Stores:
    """Ten lamps, three of them held for o1."""
    await stores.products.insert(product("lamp", quantity=10))
    assert await stores.stock.reserve("lamp", "o1", 3, NOON)
    return stores


async def test_a_reservation_holds_and_is_announced(held: Stores) -> None:
    assert await figures(held) == (10, 3, 2)
    assert await held.stock.standing("lamp", "o1") == HELD
    assert await held.stock.standing("lamp", "o2") == NOTHING
    assert await held.stock.standing("ghost", "o1") is None
    assert await held.announced() == ["product.created", "product.updated"]


async def test_what_is_held_is_returned_as_it_is_then(held: Stores) -> None:
    after = await held.stock.reserve("lamp", "o2", 7, NOON)
    assert after == await held.stock.find("lamp")
    assert after is not None
    assert after.available == 0


async def test_nothing_is_held_twice_or_beyond_what_there_is(held: Stores) -> None:
    assert await held.stock.reserve("lamp", "o1", 3, NOON) is None
    assert await held.stock.reserve("lamp", "o2", 8, NOON) is None
    assert await held.stock.reserve("ghost", "o2", 1, NOON) is None
    assert await figures(held) == (10, 3, 2)


async def test_nothing_is_held_of_a_deleted_product(held: Stores) -> None:
    await held.products.delete("lamp")
    assert await held.stock.reserve("lamp", "o2", 1, NOON) is None


async def test_a_change_needs_the_standing_it_was_made_on(held: Stores) -> None:
    stale = changed(release(NOTHING))
    assert not await held.stock.change("lamp", "o1", NOTHING, stale, NOON)
    fewer = Standing(State.RESERVED, 2)
    assert not await held.stock.change("lamp", "o1", fewer, changed(sell(fewer)), NOON)
    assert await figures(held) == (10, 3, 2)


async def test_an_undone_reservation_leaves_no_trace(held: Stores) -> None:
    assert await held.stock.change("lamp", "o1", HELD, changed(undo(HELD)), NOON)
    assert await held.stock.standing("lamp", "o1") == NOTHING
    assert await figures(held) == (10, 0, 3)
    assert await held.stock.reserve("lamp", "o1", 10, NOON)


async def test_a_release_closes(held: Stores) -> None:
    assert await held.stock.change("lamp", "o1", HELD, changed(release(HELD)), NOON)
    assert not await held.stock.change("lamp", "o1", HELD, changed(release(HELD)), NOON)
    assert await held.stock.standing("lamp", "o1") == Standing(State.RELEASED, 3)
    assert await held.stock.reserve("lamp", "o1", 3, NOON) is None
    assert await figures(held) == (10, 0, 3)


async def test_a_tombstone_alone_is_nobodys_news(held: Stores) -> None:
    assert await held.stock.change("lamp", "o2", NOTHING, changed(release(NOTHING)), NOON)
    assert await held.stock.standing("lamp", "o2") == Standing(State.RELEASED, 0)
    assert await figures(held) == (10, 3, 2)
    assert await held.announced() == ["product.created", "product.updated"]


async def test_a_sale_and_its_return(held: Stores) -> None:
    assert await held.stock.change("lamp", "o1", HELD, changed(sell(HELD)), NOON)
    assert await figures(held) == (7, 0, 3)
    sold = await held.stock.standing("lamp", "o1", "pay1")
    assert sold == Standing(State.SOLD, 3)
    back = changed(restock(sold, 3))
    assert await held.stock.change("lamp", "o1", sold, back, NOON, "pay1")
    assert not await held.stock.change("lamp", "o1", sold, back, NOON, "pay1")
    assert await figures(held) == (10, 0, 4)
    assert await held.stock.standing("lamp", "o1") == Standing(State.RESTOCKED, 3)
    # Where the tombstone is gone, the payment's key holds.
    assert await held.stock.standing("lamp", "old", "pay1") == Standing(State.RESTOCKED)
    again = changed(restock(NOTHING, 3))
    assert not await held.stock.change("lamp", "old", NOTHING, again, NOON, "pay1")


async def test_a_deleted_product_changes_in_silence(held: Stores) -> None:
    await held.products.delete("lamp")
    before = await held.announced()
    assert await held.stock.change("lamp", "o1", HELD, changed(sell(HELD)), NOON)
    assert await figures(held) == (7, 0, 3)
    assert await held.announced() == before


async def test_only_the_newest_tombstones_are_kept(
    database: AsyncDatabase[Document], outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("svc_catalog.store.stock.CLOSED_KEPT", 2)
    await MongoProductStore(database, outbox).insert(product("lamp"))
    store = MongoStockStore(database, outbox)
    for order_id in ("o1", "o2", "o3"):
        assert await store.change("lamp", order_id, NOTHING, changed(release(NOTHING)), NOON)
    assert [(await store.standing("lamp", each)) for each in ("o1", "o2", "o3")] == [
        NOTHING,
        Standing(State.RELEASED),
        Standing(State.RELEASED),
    ]


async def test_fifty_shoppers_for_five_lamps(stores: Stores) -> None:
    await stores.products.insert(product("lamp", quantity=5))
    stock = Stock(stores.stock, lambda: NOON)

    async def shop(order_id: str) -> bool:
        try:
            await stock.reserve(order_id, [StockLine("lamp", 1)])
        except OutOfStock:
            return False
        return True

    bought = await asyncio.gather(*(shop(f"o{number}") for number in range(50)))
    assert sum(bought) == 5
    assert await figures(stores) == (5, 5, 6)


async def test_orders_that_want_the_same_two_products_never_share_one(stores: Stores) -> None:
    for product_id in ("lamp", "vase"):
        await stores.products.insert(product(product_id, quantity=3))
    stock = Stock(stores.stock, lambda: NOON)

    async def shop(number: int) -> bool:
        names = ["lamp", "vase"] if number % 2 else ["vase", "lamp"]
        try:
            await stock.reserve(f"o{number}", [StockLine(name, 1) for name in names])
        except OutOfStock:
            return False
        return True

    bought = await asyncio.gather(*(shop(number) for number in range(12)))
    for product_id in ("lamp", "vase"):
        found = await stores.products.find(product_id)
        assert found is not None
        assert found.reserved == sum(bought)

"""The port StockStore, and the stock on it."""

import asyncio
from datetime import timedelta
from itertools import count

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from shop.catalog.v1.events_pb2 import ProductUpdated

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox, OutboxEntry
from svc_catalog.model.stock import (
    NOTHING,
    OutOfStock,
    Reservation,
    ReservationClosed,
    Standing,
    State,
    StockChange,
    StockLine,
    release,
    restock,
    sell,
    undo,
)
from svc_catalog.store import COLLECTION, MongoProductStore, MongoStockStore
from svc_catalog.store.tombstones import Tombstones
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.reserve_stock import Stock
from tests.contract.svc_catalog.conftest import Stores
from tests.support.databases import entries_of
from tests.unit.svc_catalog.samples import NOON, product

pytestmark = pytest.mark.anyio

HELD = Standing(State.RESERVED, 3, "mine")


async def figures(stores: Stores) -> tuple[int, int, int]:
    """Quantity, reserved and version."""
    found = await stores.products.find("lamp")
    assert found is not None
    return found.fields.quantity, found.reserved, found.version


def stock_on(stores: Stores) -> Stock:
    tokens, counting = count(), CountProducts(stores.products)
    return Stock(stores.stock, counting, lambda: NOON, lambda: str(next(tokens)))


def changed(change: StockChange | None) -> StockChange:
    assert change is not None
    return change


@pytest.fixture
async def held(stores: Stores) -> Stores:
    """Ten lamps, three of them held for o1."""
    await stores.products.insert(product("lamp", quantity=10))
    assert await stores.stock.reserve("o1", StockLine("lamp", 3), "mine", NOON)
    return stores


async def test_a_reservation_holds_and_is_announced(held: Stores) -> None:
    assert await figures(held) == (10, 3, 2)
    assert await held.stock.standing("lamp", "o1") == HELD
    assert await held.stock.standing("lamp", "o2") == NOTHING
    assert await held.stock.standing("ghost", "o1") is None
    assert await held.announced() == ["product.created", "product.updated"]


async def test_what_is_held_is_returned_as_it_is_then(held: Stores) -> None:
    after = await held.stock.reserve("o2", StockLine("lamp", 7), "mine", NOON)
    assert after == await held.stock.find("lamp")
    assert after is not None
    assert after.available == 0


async def test_nothing_is_held_twice_or_beyond_what_there_is(held: Stores) -> None:
    assert await held.stock.reserve("o1", StockLine("lamp", 3), "mine", NOON) is None
    assert await held.stock.reserve("o2", StockLine("lamp", 8), "mine", NOON) is None
    assert await held.stock.reserve("o2", StockLine("ghost", 1), "mine", NOON) is None
    assert await figures(held) == (10, 3, 2)


async def test_nothing_is_held_of_a_deleted_product(held: Stores) -> None:
    await held.products.delete("lamp")
    assert await held.stock.reserve("o2", StockLine("lamp", 1), "mine", NOON) is None


async def test_a_change_needs_the_standing_it_was_made_on(held: Stores) -> None:
    stale = changed(sell(NOTHING, 3))
    assert not await held.stock.change("lamp", "o1", NOTHING, stale, NOON)
    fewer = Standing(State.RESERVED, 2, "mine")
    assert not await held.stock.change("lamp", "o1", fewer, changed(release(fewer)), NOON)
    others = Standing(State.RESERVED, 3, "another's")
    assert not await held.stock.change("lamp", "o1", others, changed(release(others)), NOON)
    assert await figures(held) == (10, 3, 2)


async def test_an_undone_reservation_leaves_no_trace(held: Stores) -> None:
    assert await held.stock.change("lamp", "o1", HELD, changed(undo(HELD, "mine")), NOON)
    assert await held.stock.standing("lamp", "o1") == NOTHING
    assert await figures(held) == (10, 0, 3)
    assert await held.stock.reserve("o1", StockLine("lamp", 10), "mine", NOON)


async def test_a_release_closes(held: Stores) -> None:
    assert await held.stock.change("lamp", "o1", HELD, changed(release(HELD)), NOON)
    assert not await held.stock.change("lamp", "o1", HELD, changed(release(HELD)), NOON)
    assert await held.stock.standing("lamp", "o1") == Standing(State.RELEASED, 3)
    assert await held.stock.reserve("o1", StockLine("lamp", 3), "mine", NOON) is None
    assert await figures(held) == (10, 0, 3)


async def test_a_reservation_passes_to_the_call_that_finds_it(held: Stores) -> None:
    assert await held.stock.adopt("o1", StockLine("lamp", 2), "later") is None
    assert await held.stock.adopt("o2", StockLine("lamp", 3), "later") is None
    lamp = await held.stock.adopt("o1", StockLine("lamp", 3), "later")
    assert lamp == await held.stock.find("lamp")
    assert await held.stock.standing("lamp", "o1") == Standing(State.RESERVED, 3, "later")
    assert not await held.stock.change("lamp", "o1", HELD, changed(undo(HELD, "mine")), NOON)
    assert await figures(held) == (10, 3, 2)


async def test_only_what_is_available_can_be_sold_without_a_reservation(held: Stores) -> None:
    many = changed(sell(NOTHING, 8))
    assert not await held.stock.change("lamp", "o2", NOTHING, many, NOON)
    assert await held.stock.change("lamp", "o2", NOTHING, changed(sell(NOTHING, 7)), NOON)
    assert await figures(held) == (3, 3, 3)


async def test_a_sale_and_its_return(held: Stores) -> None:
    assert await held.stock.change("lamp", "o1", HELD, changed(sell(HELD, 3)), NOON)
    assert await figures(held) == (7, 0, 3)
    sold = await held.stock.standing("lamp", "o1")
    assert sold == Standing(State.SOLD, 3)
    back = changed(restock(sold, 3))
    assert await held.stock.change("lamp", "o1", sold, back, NOON)
    assert not await held.stock.change("lamp", "o1", sold, back, NOON)
    assert await figures(held) == (10, 0, 4)
    assert await held.stock.standing("lamp", "o1") == Standing(State.RESTOCKED, 3)


async def test_a_deleted_product_changes_in_silence(held: Stores) -> None:
    await held.products.delete("lamp")
    before = await held.announced()
    assert await held.stock.change("lamp", "o1", HELD, changed(sell(HELD, 3)), NOON)
    assert await figures(held) == (7, 0, 3)
    assert await held.announced() == before


async def test_a_sale_is_remembered_however_many_orders_come_after_it(stores: Stores) -> None:
    """A paid order that dies late gives its stock back: tombstones go by time, not by number."""
    await stores.products.insert(product("lamp", quantity=10))
    stock = stock_on(stores)
    await stock.reserve("o1", [StockLine("lamp", 3)])
    await stock.sell("o1", [StockLine("lamp", 3)])
    for number in range(1100):
        await stock.release(f"refused{number}", ["lamp"])
    await stores.stock.archive(NOON)
    await stock.release("o1", ["lamp"])
    found = await stores.products.find("lamp")
    assert found is not None
    assert (found.fields.quantity, found.reserved) == (10, 0)
    with pytest.raises(ReservationClosed):
        await stock.reserve("o1", [StockLine("lamp", 3)])


async def test_tombstones_leave_the_product_and_still_hold(
    database: AsyncDatabase[Document], outbox: Outbox
) -> None:
    products, store = MongoProductStore(database, outbox), MongoStockStore(database, outbox)
    await products.insert(product("lamp", quantity=10))
    stock = Stock(store, CountProducts(products), lambda: NOON, lambda: "token")
    await stock.reserve("o1", [StockLine("lamp", 3)])
    await stock.sell("o1", [StockLine("lamp", 3)])
    await store.archive(NOON - timedelta(seconds=1))
    assert len((await database[COLLECTION].find_one({}))["closed"]) == 1  # type: ignore[index]
    await store.archive(NOON)
    assert (await database[COLLECTION].find_one({}))["closed"] == []  # type: ignore[index]
    await stock.sell("o1", [StockLine("lamp", 3)])
    assert await store.standing("lamp", "o1") == Standing(State.SOLD, 3)
    # What becomes of it later is written in the product, and follows.
    later = NOON + timedelta(minutes=5)
    sold = Standing(State.SOLD, 3, archived=True)
    assert await store.change("lamp", "o1", sold, changed(restock(sold, 3)), later)
    assert await store.standing("lamp", "o1") == Standing(State.RESTOCKED, 3)
    await store.archive(later)
    assert await store.standing("lamp", "o1") == Standing(State.RESTOCKED, 3)
    lamp = await store.find("lamp")
    assert lamp is not None
    assert lamp.fields.quantity == 10


async def test_an_older_tombstone_never_takes_the_place_of_a_younger_one(
    database: AsyncDatabase[Document],
) -> None:
    tombstones = Tombstones(database)
    younger = {"order_id": "o1", "outcome": "released", "quantity": 3, "at": NOON}
    older = younger | {"outcome": "sold", "at": NOON - timedelta(minutes=1)}
    other = older | {"order_id": "o2"}
    await tombstones.keep("lamp", [younger])
    await tombstones.keep("lamp", [older, other])
    assert await tombstones.standing("lamp", "o1") == Standing(State.RELEASED, 3)
    assert await tombstones.standing("lamp", "o2") == Standing(State.SOLD, 3)


async def test_old_reservations_are_found(held: Stores) -> None:
    line = StockLine("lamp", 1)
    assert await held.stock.reserve("o2", line, "mine", NOON + timedelta(minutes=1))
    assert [each async for each in held.stock.held_since(NOON)] == [
        Reservation("o1", StockLine("lamp", 3))
    ]


async def test_one_entry_waits_however_often_the_stock_changes(
    database: AsyncDatabase[Document], outbox: Outbox
) -> None:
    await MongoProductStore(database, outbox).insert(product("lamp", quantity=10))
    store = MongoStockStore(database, outbox)
    nudged: list[OutboxEntry] = []
    outbox.on_nudge(nudged.extend)
    for number in range(3):
        assert await store.reserve(f"o{number}", StockLine("lamp", 2), "mine", NOON)
    entries = await entries_of(database[COLLECTION])
    assert [each["topic"] for each in entries] == ["product.created", "product.updated"]
    # Each change is published, and what takes out an earlier publication leaves the last entry.
    assert [ProductUpdated.FromString(each.data).product.version for each in nudged] == [2, 3, 4]
    assert entries[1]["id"] == nudged[-1].id
    assert len({each.id for each in nudged}) == 3
    assert await store.reserve("o9", StockLine("lamp", 5), "mine", NOON) is None


async def test_fifty_shoppers_for_five_lamps(stores: Stores) -> None:
    await stores.products.insert(product("lamp", quantity=5))
    stock = stock_on(stores)

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
    stock = stock_on(stores)

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

"""The port StockStore, and the stock on it."""

import asyncio
from datetime import timedelta
from itertools import count

import bson
import pytest
from pymongo.asynchronous.database import AsyncDatabase
from shop.catalog.v1.events_pb2 import ProductUpdated

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox, OutboxEntry
from svc_catalog.model.stock import (
    NOTHING,
    HeldLine,
    OutOfStock,
    Reservation,
    ReservationClosed,
    State,
    StockChange,
    StockLine,
    hold,
    release,
    restock,
    sell,
    undo,
)
from svc_catalog.store import COLLECTION, MongoProductStore, MongoStockStore
from svc_catalog.store.reservations import RESERVATIONS, Reservations
from svc_catalog.store.stock import MAX_RECENT, MOVED_AT
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.reserve_stock import ReserveStock
from tests.contract.svc_catalog.conftest import Stores
from tests.support.databases import entries_of
from tests.unit.svc_catalog.samples import NOON, product

pytestmark = pytest.mark.anyio

HELD = Reservation(State.RESERVED, 3, "mine")


async def figures(stores: Stores) -> tuple[int, int, int]:
    """Quantity, reserved and version."""
    found = await stores.products.find("lamp")
    assert found is not None
    return found.fields.quantity, found.reserved, found.version


def stock_on(stores: Stores) -> ReserveStock:
    tokens, counting = count(), CountProducts(stores.products)
    return ReserveStock(stores.stock, counting, lambda: NOON, lambda: str(next(tokens)))


def changed(change: StockChange | None) -> StockChange:
    assert change is not None
    return change


async def reservation(stores: Stores, order_id: str) -> Reservation:
    """An order's reservation of the lamp."""
    found = await stores.stock.reservation("lamp", order_id)
    assert found is not None
    return found


@pytest.fixture
async def held(stores: Stores) -> Stores:
    """Ten lamps, three of them held for o1."""
    await stores.products.insert(product("lamp", quantity=10))
    assert await stores.stock.reserve("o1", StockLine("lamp", 3), "mine", NOON)
    return stores


async def test_a_reservation_holds_and_is_announced(held: Stores) -> None:
    assert await figures(held) == (10, 3, 2)
    assert await held.stock.reservation("lamp", "o1") == HELD
    assert await held.stock.reservation("lamp", "o2") == NOTHING
    assert await held.stock.reservation("ghost", "o1") is None
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
    before = await reservation(held, "o1")
    unheard = await reservation(held, "o2")
    stale = changed(sell(NOTHING, 3))
    assert await held.stock.change("lamp", "o1", unheard, stale, NOON) is None
    passed_on = changed(hold(before, 3, "another's"))
    assert await held.stock.change("lamp", "o1", before, passed_on, NOON)
    assert await held.stock.change("lamp", "o1", before, changed(release(before)), NOON) is None
    assert await figures(held) == (10, 3, 2)


async def test_an_undone_reservation_leaves_the_order_open(held: Stores) -> None:
    before = await reservation(held, "o1")
    undone = changed(undo(before, "mine"))
    assert await held.stock.change("lamp", "o1", before, undone, NOON)
    assert await reservation(held, "o1") == NOTHING
    assert await figures(held) == (10, 0, 3)
    assert await stock_on(held).reserve("o1", [StockLine("lamp", 10)])
    assert await held.stock.change("lamp", "o1", before, undone, NOON) is None


async def test_a_release_closes(held: Stores) -> None:
    before = await reservation(held, "o1")
    assert await held.stock.change("lamp", "o1", before, changed(release(before)), NOON)
    assert await held.stock.change("lamp", "o1", before, changed(release(before)), NOON) is None
    assert await reservation(held, "o1") == Reservation(State.RELEASED, 3)
    assert await held.stock.reserve("o1", StockLine("lamp", 3), "mine", NOON) is None
    assert await figures(held) == (10, 0, 3)


async def test_a_reservation_passes_to_the_call_that_finds_it(held: Stores) -> None:
    before = await reservation(held, "o1")
    passed_on = changed(hold(before, 3, "later"))
    lamp = await held.stock.change("lamp", "o1", before, passed_on, NOON)
    assert lamp == await held.stock.find("lamp")
    assert await reservation(held, "o1") == Reservation(State.RESERVED, 3, "later")
    undone = changed(undo(before, "mine"))
    assert await held.stock.change("lamp", "o1", before, undone, NOON) is None
    assert await figures(held) == (10, 3, 2)


async def test_only_what_is_available_can_be_sold_without_a_reservation(held: Stores) -> None:
    unheard = await reservation(held, "o2")
    many = changed(sell(unheard, 8))
    assert await held.stock.change("lamp", "o2", unheard, many, NOON) is None
    assert await held.stock.change("lamp", "o2", unheard, changed(sell(unheard, 7)), NOON)
    assert await figures(held) == (3, 3, 3)


async def test_a_sale_and_its_return(held: Stores) -> None:
    before = await reservation(held, "o1")
    assert await held.stock.change("lamp", "o1", before, changed(sell(before, 3)), NOON)
    assert await figures(held) == (7, 0, 3)
    sold = await reservation(held, "o1")
    assert sold == Reservation(State.SOLD, 3)
    back = changed(restock(sold, 3))
    assert await held.stock.change("lamp", "o1", sold, back, NOON)
    assert await held.stock.change("lamp", "o1", sold, back, NOON) is None
    assert await figures(held) == (10, 0, 4)
    assert await reservation(held, "o1") == Reservation(State.RESTOCKED, 3)


async def test_a_deleted_product_changes_in_silence(held: Stores) -> None:
    await held.products.delete("lamp")
    announced, before = await held.announced(), await reservation(held, "o1")
    assert await held.stock.change("lamp", "o1", before, changed(sell(before, 3)), NOON)
    assert await figures(held) == (7, 0, 3)
    assert await held.announced() == announced


@pytest.fixture
async def lamp(database: AsyncDatabase[Document], outbox: Outbox) -> AsyncDatabase[Document]:
    """The real database with 20,000 lamps."""
    await MongoProductStore(database, outbox).insert(product("lamp", quantity=20_000))
    return database


async def document_of(database: AsyncDatabase[Document]) -> Document:
    """The product without its outbox, whose length is Kafka's business."""
    document = await database[COLLECTION].find_one({"_id": "lamp"}, {"outbox": 0})
    assert document is not None
    return document


def process_on(
    database: AsyncDatabase[Document], outbox: Outbox
) -> tuple[MongoStockStore, ReserveStock]:
    """Another process: it remembers nothing."""
    store, numbers = MongoStockStore(database, outbox), count()
    counting = CountProducts(MongoProductStore(database, outbox))
    return store, ReserveStock(store, counting, lambda: NOON, lambda: f"token{next(numbers)}")


ORDERS, WATCHED, AT_ONCE = 10_000, 200, 20


async def test_after_ten_thousand_orders_a_product_is_as_small_and_knows_them_all(
    lamp: AsyncDatabase[Document], outbox: Outbox
) -> None:
    """Writes cost the same however many orders there were, and none of them counts twice.

    The first and the last orders are watched; those between have all moved out of the product.
    """
    store, stock = process_on(lamp, outbox)
    one = [StockLine("lamp", 1)]
    await stock.reserve("early", one)
    await stock.release("early", ["lamp"])
    await stock.reserve("paid", one)
    await stock.sell("paid", one)

    async def watched(first: int) -> int:
        """The greatest size of the product, with one entry, while so many orders reserve it."""
        sizes = []
        for begin in range(first, first + WATCHED, AT_ONCE):
            orders = (f"o{number}" for number in range(begin, begin + AT_ONCE))
            await asyncio.gather(*(stock.reserve(each, one) for each in orders))
            document = await document_of(lamp)
            # Each of those that were at it may have written one before the entries moved out.
            assert len(document["recent"]) < MOVED_AT + AT_ONCE
            # How many there are of them at a moment is chance.
            sizes.append(len(bson.encode({**document, "recent": document["recent"][:1]})))
        return max(sizes)

    at_first = await watched(0)
    between = range(WATCHED, ORDERS - WATCHED)
    fields: Document = {"product_id": "lamp", "state": "reserved", "quantity": 1, "token": ""}
    fields |= {"at": NOON, "held_at": NOON, "step": 1}
    for batch in (between[at : at + 500] for at in range(0, len(between), 500)):
        await lamp[RESERVATIONS].insert_many(
            fields | {"_id": f"lamp/o{number}", "order_id": f"o{number}"} for number in batch
        )
    await lamp[COLLECTION].update_one(
        {"_id": "lamp"}, {"$inc": {"reserved": len(between), "available": -len(between)}}
    )
    # A few ids and figures have more digits by then.
    assert await watched(ORDERS - WATCHED) <= at_first + 50
    found = await store.find("lamp")
    assert found is not None
    assert (found.fields.quantity, found.reserved) == (19_999, ORDERS)
    # A late call finds what became of its order, in this process and in another one.
    for each in (stock, process_on(lamp, outbox)[1]):
        for closed in ("early", "paid"):
            with pytest.raises(ReservationClosed):
                await each.reserve(closed, one)
        await each.reserve("o7", one)
        await each.sell("paid", one)
        await each.release("early", ["lamp"])
    await stock.release("paid", ["lamp"])
    await stock.sell("o7", one)
    found = await store.find("lamp")
    assert found is not None
    assert (found.fields.quantity, found.reserved) == (19_999, ORDERS - 1)
    assert await lamp[RESERVATIONS].count_documents({}) > ORDERS - MOVED_AT - AT_ONCE


async def test_what_moves_out_of_the_product_still_holds(
    lamp: AsyncDatabase[Document], outbox: Outbox
) -> None:
    store, stock = process_on(lamp, outbox)
    line = [StockLine("lamp", 3)]
    await stock.reserve("o1", line)
    await stock.sell("o1", line)
    await stock.reserve("o2", line)
    await store.archive(NOON - timedelta(seconds=1))
    assert [each["order_id"] for each in (await document_of(lamp))["recent"]] == ["o1", "o2"]
    await store.archive(NOON)
    assert (await document_of(lamp))["recent"] == []
    assert await store.reservation("lamp", "o1") == Reservation(State.SOLD, 3)
    # What becomes of it later is written in the product, and follows.
    await stock.restock("o1", line)
    await stock.release("o2", ["lamp"])
    for _ in range(2):
        assert await store.reservation("lamp", "o1") == Reservation(State.RESTOCKED, 3)
        assert await store.reservation("lamp", "o2") == Reservation(State.RELEASED, 3)
        await store.archive(NOON)
    found = await store.find("lamp")
    assert found is not None
    assert (found.fields.quantity, found.reserved) == (20_000, 0)


async def test_a_look_from_before_entries_moved_out_writes_nothing(
    lamp: AsyncDatabase[Document], outbox: Outbox
) -> None:
    """Who looked for an order before it was reserved elsewhere, and its entry moved out since."""
    (slow, _), (store, stock) = process_on(lamp, outbox), process_on(lamp, outbox)
    line = StockLine("lamp", 3)
    before = await slow.reservation("lamp", "o1")
    assert before == NOTHING
    await stock.reserve("o1", [line])
    await store.archive(NOON)
    assert await slow.reserve("o1", line, "slow", NOON) is None
    taken = changed(sell(before, 3))
    assert await slow.change("lamp", "o1", before, taken, NOON) is None
    # One who knows a reservation that was released and moved out meanwhile.
    held = await slow.reservation("lamp", "o1")
    assert held == Reservation(State.RESERVED, 3, "token0")
    await stock.release("o1", ["lamp"])
    assert await slow.change("lamp", "o1", held, changed(sell(held, 3)), NOON) is None
    await store.archive(NOON)
    assert await slow.change("lamp", "o1", held, changed(sell(held, 3)), NOON) is None
    found = await store.find("lamp")
    assert found is not None
    assert (found.fields.quantity, found.reserved) == (20_000, 0)


async def test_who_died_between_keeping_entries_and_taking_them_out_is_made_good(
    lamp: AsyncDatabase[Document], outbox: Outbox
) -> None:
    store, stock = process_on(lamp, outbox)
    line = [StockLine("lamp", 3)]
    for order_id in ("o1", "o2", "o3"):
        await stock.reserve(order_id, line)
    entries = (await document_of(lamp))["recent"]
    # The dead one kept them; then two of the orders go on.
    await Reservations(lamp).keep("lamp", entries)
    await stock.sell("o1", line)
    await stock._settle("lamp", "o2", lambda each: undo(each, each.token))
    await store.archive(NOON)
    # And one who read the same entries wakes up, and keeps them once more.
    await Reservations(lamp).keep("lamp", entries)
    assert await store.reservation("lamp", "o1") == Reservation(State.SOLD, 3)
    assert await store.reservation("lamp", "o2") == NOTHING
    assert await store.reservation("lamp", "o3") == Reservation(State.RESERVED, 3, "token2")
    held = [each.order_id async for each in store.held_since(NOON)]
    assert held == ["o3"]
    assert await stock.reserve("o2", line)
    found = await store.find("lamp")
    assert found is not None
    assert (found.fields.quantity, found.reserved) == (19_997, 6)


async def test_processes_that_reserve_and_move_out_at_once_count_each_order_once(
    lamp: AsyncDatabase[Document], outbox: Outbox
) -> None:
    processes = [process_on(lamp, outbox) for _ in range(3)]
    one = [StockLine("lamp", 1)]

    async def orders_of(number: int) -> None:
        """The orders of all, as each process is asked for every order."""
        store, stock = processes[number]
        for order in range(30):
            await stock.reserve(f"o{order}", one)
            if order % 3 == number:
                await store.archive(NOON)

    await asyncio.gather(*(orders_of(number) for number in range(3)))
    store, _ = processes[0]
    found = await store.find("lamp")
    assert found is not None
    assert found.reserved == 30
    await asyncio.gather(
        *(each.release(f"o{order}", ["lamp"]) for _, each in processes for order in range(15)),
        *(each.sell(f"o{order}", one) for _, each in processes for order in range(15, 30)),
        *(each.archive(NOON) for each, _ in processes),
    )
    found = await store.find("lamp")
    assert found is not None
    assert (found.fields.quantity, found.reserved) == (19_985, 0)


async def test_a_product_that_no_one_moves_entries_out_of_takes_no_more(
    lamp: AsyncDatabase[Document], outbox: Outbox
) -> None:
    """However many processes die before they do so, until one looks at it."""
    store, stock = process_on(lamp, outbox)
    fields: Document = {"state": "released", "quantity": 1, "token": "", "at": NOON, "step": 1}
    full = [fields | {"id": f"x{each}/1", "order_id": f"x{each}"} for each in range(MAX_RECENT)]
    assert await store.reserve("o0", StockLine("lamp", 1), "t", NOON)
    await lamp[COLLECTION].update_one({"_id": "lamp"}, {"$set": {"recent": full}})
    assert await store.reserve("o1", StockLine("lamp", 1), "t", NOON) is None
    await stock.reserve("o1", [StockLine("lamp", 1)])
    assert len((await document_of(lamp))["recent"]) == 1
    assert await store.reservation("lamp", "x3") == Reservation(State.RELEASED, 1)


async def test_a_product_that_a_process_forgot_is_right_and_stays_small(
    lamp: AsyncDatabase[Document], outbox: Outbox
) -> None:
    await MongoProductStore(lamp, outbox).insert(product("vase", quantity=20_000))
    store = MongoStockStore(lamp, outbox, remembered=1)
    orders = 3 * MOVED_AT
    for order in range(orders):
        for name in ("lamp", "vase"):
            assert await store.reserve(f"o{order}", StockLine(name, 1), "t", NOON)
    assert len(store._written) == 1
    found = await store.find("lamp")
    assert found is not None
    assert found.reserved == orders
    assert len((await document_of(lamp))["recent"]) <= MOVED_AT
    for order in (0, orders - 1):
        held = await store.reservation("lamp", f"o{order}")
        assert held == Reservation(State.RESERVED, 1, "t")


async def test_a_product_of_an_earlier_release_goes_on_as_it_stood(
    lamp: AsyncDatabase[Document], outbox: Outbox
) -> None:
    store, stock = process_on(lamp, outbox)
    held = {"order_id": "o1", "quantity": 3, "token": "t", "at": NOON}
    sold = {"order_id": "o2", "quantity": 2, "outcome": "sold", "at": NOON}
    await lamp[COLLECTION].update_one(
        {"_id": "lamp"},
        {
            "$set": {"reservations": [held], "closed": [sold], "reserved": 3, "available": 19_997},
            "$unset": {"recent": "", "moved": ""},
        },
    )
    older = {"_id": "lamp/o3", "quantity": 1, "outcome": "released", "at": NOON}
    await lamp["tombstones"].insert_one(older)
    for order_id in ("o2", "o3"):
        with pytest.raises(ReservationClosed):
            await stock.reserve(order_id, [StockLine("lamp", 1)])
    await stock.reserve("o4", [StockLine("lamp", 1)])
    await stock.sell("o1", [StockLine("lamp", 3)])
    found = await store.find("lamp")
    assert found is not None
    assert (found.fields.quantity, found.reserved) == (19_997, 1)


async def test_an_earlier_step_never_takes_the_place_of_a_later_one(
    database: AsyncDatabase[Document],
) -> None:
    reservations = Reservations(database)
    later: Document = {"order_id": "o1", "state": "released", "quantity": 3, "token": ""}
    later |= {"at": NOON, "step": 3}
    earlier = later | {"state": "sold", "step": 2}
    await reservations.keep("lamp", [later])
    await reservations.keep("lamp", [earlier, earlier | {"order_id": "o2"}])
    assert await reservations.get("lamp", "o1", 1) == Reservation(State.RELEASED, 3)
    assert await reservations.get("lamp", "o2", 1) == Reservation(State.SOLD, 3)


async def test_old_reservations_are_found(held: Stores) -> None:
    line = StockLine("lamp", 1)
    assert await held.stock.reserve("o2", line, "mine", NOON + timedelta(minutes=1))
    assert [each async for each in held.stock.held_since(NOON)] == [
        HeldLine("o1", StockLine("lamp", 3))
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

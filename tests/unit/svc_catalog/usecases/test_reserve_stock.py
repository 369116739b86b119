"""Reservations are all or nothing, once per order, and end as orders and payments do."""

from collections.abc import Awaitable, Callable
from itertools import count, permutations
from typing import Any

import pytest

from chassis.errors import InvalidField, NotFound
from svc_catalog.model.products import Product
from svc_catalog.model.stock import OutOfStock, ReservationClosed, Shortage, StockLine
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.reserve_stock import ReservedLine, ReserveStock
from tests.unit.svc_catalog.fakes import FakeProductStore
from tests.unit.svc_catalog.samples import NOON, product

pytestmark = pytest.mark.anyio


@pytest.fixture
def store() -> FakeProductStore:
    return FakeProductStore(
        products={
            "lamp": product("lamp", title="Lamp", quantity=5),
            "vase": product("vase", title="Vase", quantity=2),
        }
    )


@pytest.fixture
def stock(store: FakeProductStore) -> ReserveStock:
    return stock_on(store)


def stock_on(store: FakeProductStore) -> ReserveStock:
    """The stock of a store, with tokens 1, 2, 3."""
    numbers = count(1)
    return ReserveStock(store, CountProducts(store), lambda: NOON, lambda: str(next(numbers)))


def figures(store: FakeProductStore, product_id: str) -> tuple[int, int]:
    """Quantity and available."""
    found = store.products[product_id]
    return found.fields.quantity, found.available


async def test_lines_of_one_product_are_held_together(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    held = await stock.reserve("o1", [StockLine("lamp", 2), StockLine("lamp", 3)])
    assert [(each.product.id, each.quantity) for each in held] == [("lamp", 5)]
    assert figures(store, "lamp") == (5, 0)


async def test_together_they_may_be_too_many(store: FakeProductStore, stock: ReserveStock) -> None:
    with pytest.raises(OutOfStock) as refusal:
        await stock.reserve("o1", [StockLine("lamp", 3), StockLine("lamp", 3)])
    assert refusal.value.lines == (Shortage("lamp", "Lamp", 6, 5),)
    assert figures(store, "lamp") == (5, 5)


async def test_the_same_order_again_changes_nothing(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    first = await stock.reserve("o1", [StockLine("lamp", 2)])
    assert await stock.reserve("o1", [StockLine("lamp", 2)]) == first
    assert figures(store, "lamp") == (5, 3)


async def test_the_same_order_with_another_quantity_is_refused(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    await stock.reserve("o1", [StockLine("lamp", 2)])
    with pytest.raises(InvalidField):
        await stock.reserve("o1", [StockLine("vase", 1), StockLine("lamp", 3)])
    assert figures(store, "vase") == (2, 2)
    assert figures(store, "lamp") == (5, 3)


async def test_every_short_line_is_named_and_nothing_is_held(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    store.products["rug"] = product("rug", title="Rug", quantity=9)
    lines = [StockLine("rug", 1), StockLine("lamp", 6), StockLine("vase", 3)]
    with pytest.raises(OutOfStock) as refusal:
        await stock.reserve("o1", lines)
    assert [each.product_id for each in refusal.value.lines] == ["lamp", "vase"]
    assert figures(store, "rug") == (9, 9)
    # The order was not closed by it.
    assert await stock.reserve("o1", [StockLine("rug", 1)])


async def test_an_unknown_product_is_named(store: FakeProductStore, stock: ReserveStock) -> None:
    with pytest.raises(NotFound, match="ghost"):
        await stock.reserve("o1", [StockLine("lamp", 1), StockLine("ghost", 1)])
    assert figures(store, "lamp") == (5, 5)


async def test_a_deleted_product_is_not_there(store: FakeProductStore, stock: ReserveStock) -> None:
    await store.delete("lamp")
    with pytest.raises(NotFound, match="lamp"):
        await stock.reserve("o1", [StockLine("lamp", 1)])


async def test_a_released_order_gives_back_and_stays_closed(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    await stock.reserve("o1", [StockLine("lamp", 2)])
    await stock.release("o1", ["lamp", "lamp", "ghost"])
    assert figures(store, "lamp") == (5, 5)
    with pytest.raises(ReservationClosed):
        await stock.reserve("o1", [StockLine("lamp", 2)])


async def test_an_order_that_never_held_anything_leaves_no_trace(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    await stock.release("o1", ["lamp"])
    assert store.reservations == {}
    assert store.announced == []
    assert await stock.reserve("o1", [StockLine("lamp", 2)])


async def test_what_was_confirmed_to_another_call_is_not_undone(
    store: FakeProductStore, stock: ReserveStock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One call finds a vase short and gives up; before it has, another one finds all of it."""
    store.products["vase"] = product("vase", title="Vase", quantity=0)
    both = [StockLine("lamp", 1), StockLine("vase", 1)]
    settle = store.change
    held: list[ReservedLine] = []

    async def overtaken(*args: Any) -> Product | None:
        monkeypatch.undo()
        store.products["vase"] = product("vase", title="Vase", quantity=1)
        held.extend(await stock.reserve("o1", both))
        return await settle(*args)

    monkeypatch.setattr(store, "change", overtaken)
    with pytest.raises(OutOfStock):
        await stock.reserve("o1", both)
    assert len(held) == 2
    assert figures(store, "lamp") == (5, 4)
    await stock.sell("o1", both)
    assert figures(store, "lamp") == (4, 4)


async def test_a_sale_of_what_is_not_held_takes_what_is_available(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    await stock.sell("o1", [StockLine("lamp", 2)])
    await stock.sell("o1", [StockLine("lamp", 2)])
    assert figures(store, "lamp") == (3, 3)


async def test_a_sale_of_what_is_not_there_fails(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    await stock.reserve("o2", [StockLine("vase", 1)])
    with pytest.raises(OutOfStock) as refusal:
        await stock.sell("o1", [StockLine("vase", 2)])
    assert refusal.value.lines == (Shortage("vase", "Vase", 2, 1),)
    assert figures(store, "vase") == (2, 1)


async def test_a_sale_takes_what_was_held(store: FakeProductStore, stock: ReserveStock) -> None:
    await stock.reserve("o1", [StockLine("lamp", 2)])
    await stock.sell("o1", [StockLine("lamp", 2)])
    await stock.sell("o1", [StockLine("lamp", 2)])
    assert figures(store, "lamp") == (3, 3)
    assert store.products["lamp"].reserved == 0


async def test_events_of_a_returned_order_in_any_order(stock: ReserveStock) -> None:
    def facts(of: ReserveStock) -> list[Callable[[], Awaitable[None]]]:
        lines = [StockLine("lamp", 2)]
        return [
            lambda: of.sell("o1", lines),
            lambda: of.sell("o1", lines),
            lambda: of.restock("o1", lines),
            lambda: of.restock("o1", lines),
        ]

    for story in permutations(range(4)):
        store = FakeProductStore(products={"lamp": product("lamp", quantity=5)})
        fresh = stock_on(store)
        await fresh.reserve("o1", [StockLine("lamp", 2)])
        for index in story:
            await facts(fresh)[index]()
        assert figures(store, "lamp") == (5, 5), story


async def test_a_refund_restocks_a_sale_whose_tombstone_is_gone(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    await stock.reserve("o1", [StockLine("lamp", 2)])
    await stock.sell("o1", [StockLine("lamp", 2)])
    store.forget("lamp", "o1")
    await stock.restock("o1", [StockLine("lamp", 1), StockLine("lamp", 1)])
    await stock.restock("o1", [StockLine("lamp", 2)])
    assert figures(store, "lamp") == (5, 5)


async def test_the_stock_of_a_deleted_product_is_kept_right_in_silence(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    await stock.reserve("o1", [StockLine("lamp", 2)])
    await store.delete("lamp")
    announced = len(store.announced)
    await stock.sell("o1", [StockLine("lamp", 2)])
    assert figures(store, "lamp") == (3, 3)
    assert len(store.announced) == announced


async def test_an_order_that_holds_a_product_keeps_it_when_it_is_deleted(
    store: FakeProductStore, stock: ReserveStock
) -> None:
    first = await stock.reserve("o1", [StockLine("lamp", 2)])
    await store.delete("lamp")
    again = await stock.reserve("o1", [StockLine("lamp", 2)])
    assert [each.quantity for each in again] == [each.quantity for each in first]

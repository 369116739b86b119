"""Edits, stock and a deletion at once: in every order of two calls, all comes out right."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement, count

import pytest

from chassis.errors import Refusal
from svc_catalog.model.products import Product
from svc_catalog.model.stock import State, StockLine
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.edit_products import Edit, EditProducts
from svc_catalog.usecases.reserve_stock import ReserveStock
from svc_catalog.usecases.search_products import SearchProducts
from tests.support.interleaving import Turns, every_interleaving
from tests.unit.svc_catalog.fakes import (
    FakeCategoryStore,
    FakeImageStore,
    FakeProductStore,
    FakeVocabulary,
)
from tests.unit.svc_catalog.samples import NOON, product

pytestmark = pytest.mark.anyio

LAMPS, VASES = 3, 1
LAMP = [StockLine("lamp", 2)]
BOTH = [*LAMP, StockLine("vase", 1)]


@dataclass(frozen=True)
class Process:
    """One process of the catalog."""

    stock: ReserveStock
    products: EditProducts


Step = Callable[[Process], Awaitable[object]]


async def reserves(process: Process) -> object:
    return await process.stock.reserve("o1", LAMP)


async def reserves_both(process: Process) -> object:
    return await process.stock.reserve("o1", BOTH)


async def reserves_for_another(process: Process) -> object:
    return await process.stock.reserve("o2", LAMP)


async def takes_in_a_vase_and_reserves(process: Process) -> object:
    await process.products.edit("vase", Edit({}, 1))
    return await process.stock.reserve("o1", BOTH)


async def sells(process: Process) -> None:
    await process.stock.sell("o1", LAMP)


async def releases(process: Process) -> None:
    await process.stock.release("o1", ["lamp"])


async def restocks(process: Process) -> None:
    await process.stock.restock("o1", LAMP)


async def renames(process: Process) -> object:
    return await process.products.edit("lamp", Edit({"title": "Mine"}, 1, details_version=1))


async def renames_otherwise(process: Process) -> object:
    return await process.products.edit("lamp", Edit({"title": "Theirs"}, details_version=1))


async def describes(process: Process) -> object:
    return await process.products.edit("lamp", Edit({"description": "New"}, details_version=1))


async def deletes(process: Process) -> None:
    await process.products.delete("lamp")


STOCK: list[Step] = [
    reserves,
    reserves_for_another,
    sells,
    releases,
    restocks,
    renames,
    deletes,
]
EDITS: list[Step] = [renames, renames_otherwise, describes, sells]


def processes(turns: Turns, store: FakeProductStore) -> tuple[Process, Process]:
    """Two of them on one database."""
    held = turns.on(store)
    numbers, searching = count(1), SearchProducts(FakeVocabulary(), "english")

    def process() -> Process:
        return Process(
            ReserveStock(held, CountProducts(store), lambda: NOON, lambda: f"token{next(numbers)}"),
            EditProducts(
                held,
                FakeImageStore(),
                FakeCategoryStore(),
                searching,
                CountProducts(store),
                "USD",
                clock=lambda: NOON,
                new_id=lambda: "new",
            ),
        )

    return process(), process()


def shelf(vases: int = VASES) -> FakeProductStore:
    return FakeProductStore(
        products={
            "lamp": product("lamp", quantity=LAMPS),
            "vase": product("vase", quantity=vases),
        }
    )


def check_figures(store: FakeProductStore, added: dict[str, int]) -> None:
    """Every piece is on the shelf, held for a live order, or sold."""
    for product_id, found in store.products.items():
        reservations = [each for (of, _), each in store.reservations.items() if of == product_id]
        held = sum(each.quantity for each in reservations if each.state is State.RESERVED)
        sold = sum(each.quantity for each in reservations if each.state is State.SOLD)
        back = sum(each.quantity for each in reservations if each.state is State.RESTOCKED)
        assert found.reserved == held
        assert found.available >= 0
        assert found.fields.quantity in {added[product_id] - sold, added[product_id] - sold + back}


@pytest.mark.parametrize("is_held", [False, True], ids=["new", "held"])
async def test_the_stock_is_right_whatever_comes_between(is_held: bool) -> None:
    for steps in combinations_with_replacement(STOCK, 2):

        async def run(turns: Turns, steps: tuple[Step, ...] = steps) -> None:
            store = shelf()
            first, second = processes(turns, store)
            if is_held:
                await first.stock.reserve("o1", LAMP)
            one, other = steps
            results = await turns.both(one(first), other(second))
            assert all(isinstance(each, Refusal | list | Product | None) for each in results)
            renamed = sum(
                step is renames and not isinstance(each, Refusal)
                for step, each in zip(steps, results, strict=True)
            )
            check_figures(store, {"lamp": LAMPS + renamed, "vase": VASES})

        await every_interleaving(run)


async def test_an_answer_that_an_order_holds_it_is_true() -> None:
    """One call finds a vase short and gives up, while another one finds that it has come in."""

    async def run(turns: Turns) -> None:
        store = shelf(vases=0)
        first, second = processes(turns, store)
        results = await turns.both(reserves_both(first), takes_in_a_vase_and_reserves(second))
        check_figures(store, {"lamp": LAMPS, "vase": 1})
        if not all(isinstance(each, Refusal) for each in results):
            assert set(store.reservations) == {("lamp", "o1"), ("vase", "o1")}

    await every_interleaving(run)


async def test_edits_lose_nothing_whatever_comes_between() -> None:
    for steps in combinations_with_replacement(EDITS, 2):

        async def run(turns: Turns, steps: tuple[Step, ...] = steps) -> None:
            store = shelf()
            first, second = processes(turns, store)
            await first.stock.reserve("o1", LAMP)
            one, other = steps
            results = await turns.both(one(first), other(second))
            lamp = store.products["lamp"]
            done = [
                step
                for step, each in zip(steps, results, strict=True)
                if not isinstance(each, Refusal)
            ]
            # Only two different names collide, and then one of them is told so.
            collide = set(steps) == {renames, renames_otherwise}
            assert len(done) == (1 if collide else 2), (steps, results)
            expected = {renames: "Mine", renames_otherwise: "Theirs"}
            titles = {expected[step] for step in done if step in expected}
            assert titles <= {lamp.fields.title}
            if describes in done:
                assert lamp.fields.description == "New"
            sold = 2 if sells in done else 0
            assert lamp.fields.quantity == LAMPS - sold + done.count(renames)
            assert lamp.version == 1 + len(store.announced)

        await every_interleaving(run)

"""Two steps of stock that run at once: in every order of their writes the figures are right."""

from collections.abc import Awaitable, Callable
from itertools import combinations_with_replacement, count

import pytest

from chassis.errors import Refusal
from svc_catalog.model.stock import State, StockLine
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.reserve_stock import ReserveStock
from tests.support.interleaving import Turns, every_interleaving
from tests.unit.svc_catalog.fakes import FakeProductStore
from tests.unit.svc_catalog.samples import NOON, product

pytestmark = pytest.mark.anyio

QUANTITIES = {"lamp": 5}
LINES = (StockLine("lamp", 2),)
ALL = tuple(QUANTITIES)

Step = Callable[[ReserveStock], Awaitable[object]]
STEPS: dict[str, Step] = {
    "reserve": lambda stock: stock.reserve("o1", LINES),
    "reserve for another": lambda stock: stock.reserve("o2", LINES),
    "reserve all": lambda stock: stock.reserve("o3", [StockLine("lamp", 4)]),
    "reserve too many": lambda stock: stock.reserve("o4", [StockLine("lamp", 6)]),
    "release": lambda stock: stock.release("o1", ALL),
    "sell": lambda stock: stock.sell("o1", LINES),
}


@pytest.mark.parametrize("is_held", [False, True])
@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(STEPS, 2)))
async def test_the_figures_are_what_orders_hold_and_bought(
    one: str, other: str, is_held: bool
) -> None:
    async def run(turns: Turns) -> None:
        store = FakeProductStore(
            products={name: product(name, quantity=each) for name, each in QUANTITIES.items()}
        )
        tokens = count(1)

        def stock(store: FakeProductStore) -> ReserveStock:
            return ReserveStock(
                store, CountProducts(store), lambda: NOON, lambda: str(next(tokens))
            )

        if is_held:
            await stock(store).reserve("o1", LINES)
        outcomes = await turns.both(*(STEPS[name](stock(turns.on(store))) for name in (one, other)))
        unexpected = [
            each
            for each in outcomes
            if isinstance(each, BaseException) and not isinstance(each, Refusal)
        ]
        assert unexpected == []
        for name, quantity in QUANTITIES.items():
            check(store, name, quantity)

    assert await every_interleaving(run) > 1


def check(store: FakeProductStore, name: str, quantity: int) -> None:
    """Nothing is below nothing; what is not available is held, and what is gone was sold."""
    kept = store.products[name]
    reservations = [
        each for (product_id, _), each in store.reservations.items() if product_id == name
    ]
    held = sum(each.quantity for each in reservations if each.state is State.RESERVED)
    sold = sum(each.quantity for each in reservations if each.state is State.SOLD)
    assert kept.available >= 0
    assert kept.fields.quantity - kept.available == held
    assert kept.fields.quantity == quantity - sold

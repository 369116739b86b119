"""Servers hang for longer than an order lives while people buy: it all heals by itself in time.

What a server hangs with is SIGSTOP: connections are open and taken, and nothing answers. Each
service has two replicas. The shop is not touched afterwards; within `HEALED_SECONDS` of the last
server's return everything has to be as it always is.
"""

import random
import time
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack

import pytest

from tests.faults.customers import Customer, complaints_of, crowd
from tests.faults.invariants import Books, books_of, broken
from tests.faults.processes import Processes
from tests.faults.queues import under_way
from tests.support.people import Admin, Shop, eventually

SEED = 20261125
HANG_SECONDS = 90.0
HEALED_SECONDS = 120.0
# Before a server hangs and after it is back, so that both meet orders half way.
BUYING_SECONDS = 3.0
STOCK = 5000

# When each server begins to hang, in seconds. Without Redis nobody can pay, so by then Stripe has
# been asked for half a minute without an answer.
SCENES: Sequence[Mapping[str, float]] = (
    {"mongo": 0.0},
    {"kafka": 0.0},
    {"stripe": 0.0, "redis": 30.0},
)


@pytest.mark.parametrize("scene", SCENES, ids="+".join)
def test_the_shop_heals_by_itself(
    shop: Shop, processes: Processes, admin: Admin, scene: Mapping[str, float]
) -> None:
    chance = random.Random(SEED)
    initial = {admin.add_product(quantity=STOCK, price=100)["id"]: STOCK for _ in range(4)}
    with crowd(shop, initial, chance) as customers:
        time.sleep(BUYING_SECONDS)
        hang(processes, scene)
        back = time.monotonic()
        # Enough were left unpaid before: more would be waited for as long as an order lives.
        for customer in customers:
            customer.leaves_none = True
        time.sleep(BUYING_SECONDS)

    left = HEALED_SECONDS - (time.monotonic() - back)
    # Looked at twice: what the first look missed on its way from one queue to the next.
    eventually(lambda: under_way(shop) or under_way(shop), lambda waiting: not waiting, left)
    books = books_of(shop)
    assert complaints_of(customers) == []
    assert broken(books, initial) == []
    assert [*lost_sales(books, customers)] == []
    assert processes.unready() == {}


def hang(processes: Processes, scene: Mapping[str, float]) -> None:
    """Have the servers of a scene hang, each for its time; return when all of them are back."""
    began = time.monotonic()
    moments = sorted(
        [(at, name, True) for name, at in scene.items()]
        + [(at + HANG_SECONDS, name, False) for name, at in scene.items()]
    )
    hanging: dict[str, ExitStack] = {}
    try:
        for at, name, begins in moments:
            time.sleep(max(0.0, began + at - time.monotonic()))
            if begins:
                hanging[name] = ExitStack()
                hanging[name].enter_context(processes.held_up(name))
            else:
                hanging.pop(name).close()
    finally:
        for stack in hanging.values():
            stack.close()


def lost_sales(books: Books, customers: Collection[Customer]) -> list[str]:
    """The orders that were paid in time and are not completed."""
    return [
        f"order {order_id} was paid in time and is {books.orders[order_id]['status']}: "
        f"{books.orders[order_id]['timeline']}"
        for customer in customers
        for order_id in customer.paid
        if books.orders[order_id]["status"] != "completed"
    ]

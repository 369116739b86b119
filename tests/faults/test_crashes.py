"""Services and servers die at the worst moments: nothing is lost, and nothing is done twice."""

import random
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

from tests.faults.customers import complaints_of, crowd
from tests.faults.invariants import books_of, broken
from tests.faults.processes import Processes
from tests.faults.queues import wait_until_settled
from tests.support.people import Admin, Shop, Shopper, charges_of, eventually, ok

SEED = 20261123
BACK_SECONDS = 90.0
# In each round these die one after the other, before the first of them is back; of a service all
# replicas at once, or one.
ROUNDS = (
    ("svc_orders", "svc_payments-2", "svc_catalog"),
    ("svc_orders-2", "svc_cart", "svc_payments"),
    ("mongo", "stripe", "svc_payments", "redis"),
)


@pytest.fixture
def stripe(shop: Shop) -> Iterator[httpx.Client]:
    """The emulator, without faults before and after."""
    with httpx.Client(base_url=shop.ready["servers"]["stripe"]) as client:
        ok(client.delete("/_emulator/faults"))
        yield client
        ok(client.delete("/_emulator/faults"))


def test_payments_dies_right_after_the_card_was_charged(
    shop: Shop, processes: Processes, stripe: httpx.Client, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=3, price=4200)
    order = shopper.buy_now((thing["id"], 1))
    # Stripe's answer would come long after the process that waits for it is gone.
    fault = {
        "kind": "timeout_after_charge",
        "seconds": 60,
        "match": {"path": "/v1/payment_intents"},
    }
    ok(stripe.post("/_emulator/faults", json=fault))
    with ThreadPoolExecutor(1) as pool:
        paying = pool.submit(shopper.pay, order)
        eventually(lambda: charges_of(shop, order["id"]), lambda net: net == [4200])
        with processes.killed(*processes.replicas("svc_payments")):
            assert paying.result().status_code == 503
    shopper.order_when(order["id"], "completed", BACK_SECONDS)
    # The gateway's connection may still wait before it is opened again.
    again = eventually(lambda: shopper.pay(order), lambda answer: answer.status_code != 503)
    assert again.status_code in {201, 409}, again.text
    wait_until_settled(shop)
    assert charges_of(shop, order["id"]) == [4200]
    assert broken(books_of(shop), {thing["id"]: 3}) == []


@pytest.mark.parametrize("fault", ["webhook_never", "webhook_twice", "webhook_late", "error_500"])
def test_stripe_has_a_bad_day(
    shop: Shop, stripe: httpx.Client, admin: Admin, shopper: Shopper, fault: str
) -> None:
    thing = admin.add_product(quantity=3, price=4300)
    order = shopper.buy_now((thing["id"], 1))
    ok(stripe.post("/_emulator/faults", json={"kind": fault, "times": 2, "seconds": 3}))
    answer = shopper.pay(order)
    assert answer.status_code in {201, 409, 503}, answer.text
    shopper.order_when(order["id"], "completed", BACK_SECONDS)
    wait_until_settled(shop)
    assert charges_of(shop, order["id"]) == [4300]
    assert broken(books_of(shop), {thing["id"]: 3}) == []


def test_customers_do_not_notice_crashes(shop: Shop, processes: Processes, admin: Admin) -> None:
    chance = random.Random(SEED)
    initial = {admin.add_product(quantity=60, price=100)["id"]: 60 for _ in range(4)}
    with crowd(shop, initial, chance) as customers:
        for victims in ROUNDS:
            with ExitStack() as dying:
                for victim in victims:
                    # A moment of its own kind each time: while orders are placed, reserved, paid.
                    time.sleep(chance.uniform(0.2, 1.0))
                    dying.enter_context(processes.killed(*processes.replicas(victim) or [victim]))

    assert complaints_of(customers) == []
    wait_until_settled(shop)
    assert broken(books_of(shop), initial) == []

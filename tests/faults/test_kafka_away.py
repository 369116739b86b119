"""Kafka away while people buy: buying goes on, and what happened arrives when it is back."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.faults.invariants import books_of, broken
from tests.faults.processes import Processes
from tests.faults.queues import wait_until_settled
from tests.support.gateways import (
    another_gateway,
    retitled,
    title_at,
    wait_until_copies_live_long,
)
from tests.support.people import Admin, Json, Shop, Shopper, charges_of, eventually, ok

BACK_SECONDS = 90.0
# How long the contract lets the gateway keep a product.
COPIES_SECONDS = 10.0


@contextmanager
def away(processes: Processes, how: str) -> Iterator[None]:
    """Kafka is killed, and started again by the supervisor, or it hangs."""
    with processes.killed("kafka") if how == "killed" else processes.held_up("kafka"):
        yield


@pytest.mark.parametrize("how", ["hanging", "killed"])
def test_buying_goes_on(
    shop: Shop, processes: Processes, admin: Admin, shopper: Shopper, how: str
) -> None:
    thing, other = admin.add_product(quantity=20, price=800), admin.add_product(quantity=20)
    orders: list[Json] = []
    with away(processes, how):
        for _ in range(4):
            shopper.put_in_cart(thing["id"], 2)
            orders.append(shopper.check_out())
            ok(shopper.pay(orders[-1]), 201)
            ok(shopper.client.put(f"/api/cart/items/{thing['id']}", json={"quantity": 1}))
            ok(shopper.client.delete(f"/api/cart/remove?productId={thing['id']}"))
        cancelled = shopper.buy_now((other["id"], 5))
        ok(shopper.client.delete(f"/api/orders/{cancelled['id']}"))
        assert admin.product(thing["id"])["available"] == 12
        assert [net for order in orders for net in charges_of(shop, order["id"])] == [1600] * 4
    for order in orders:
        shopper.order_when(order["id"], "completed", BACK_SECONDS)
    eventually(
        lambda: admin.product(thing["id"])["quantity"], lambda left: left == 12, BACK_SECONDS
    )
    eventually(
        lambda: admin.product(other["id"])["available"], lambda left: left == 20, BACK_SECONDS
    )
    expected = {"order.created", "order.completed", "payment.created", "order.cancelled"}
    eventually(lambda: event_types(shopper), lambda types: expected <= types, BACK_SECONDS)
    wait_until_settled(shop)
    assert broken(books_of(shop), {thing["id"]: 20, other["id"]: 20}) == []


def test_a_paid_order_is_completed_though_kafka_is_away_longer_than_it_lives(
    shop: Shop, processes: Processes, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=9, price=800)
    with processes.held_up("kafka"):
        paid, unpaid = shopper.buy_now((thing["id"], 2)), shopper.buy_now((thing["id"], 1))
        ok(shopper.pay(paid), 201)
        # Its time runs out while the payment's event cannot come: the payments are asked.
        shopper.order_when(unpaid["id"], "cancelled", BACK_SECONDS)
        shopper.order_when(paid["id"], "completed", BACK_SECONDS)
    eventually(lambda: admin.product(thing["id"])["quantity"], lambda left: left == 7, BACK_SECONDS)
    wait_until_settled(shop)
    assert shopper.order(paid["id"])["status"] == "completed"
    assert charges_of(shop, paid["id"]) == [1600]
    assert broken(books_of(shop), {thing["id"]: 9}) == []


@pytest.mark.parametrize("how", ["hanging", "killed"])
def test_what_changes_at_one_gateway_is_seen_at_another(
    shop: Shop, processes: Processes, admin: Admin, how: str
) -> None:
    thing, other = (admin.add_product(quantity=1)["id"] for _ in range(2))
    with another_gateway(shop) as there, there.visitor() as guest:
        wait_until_copies_live_long(guest, other)
        with away(processes, how):
            for _ in range(3):
                title_at(guest, thing)
                title = retitled(admin, thing)
                assert title_at(admin.client, thing) == title
                # Far earlier than the copy would end while events are heard.
                eventually(lambda: title_at(guest, thing), title.__eq__, COPIES_SECONDS / 2)
        wait_until_copies_live_long(guest, other)
        title_at(guest, thing)
        title = retitled(admin, thing)
        eventually(lambda: title_at(guest, thing), title.__eq__, COPIES_SECONDS / 2)


def event_types(who: Shopper) -> set[str]:
    """The types of somebody's notifications."""
    page = ok(who.client.get("/api/notifications", params={"pageSize": 100}))
    return {each["type"] for each in page["notifications"]}


def test_a_service_that_starts_meanwhile_serves_its_calls(processes: Processes) -> None:
    with processes.held_up("kafka"), processes.killed("svc_orders-2"):
        pass  # the inner block waits until it is ready again, and Kafka still hangs

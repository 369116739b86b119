"""Customers who buy on while the shop falls over, and who try again as a browser would."""

import random
import threading
import time
import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

import httpx

from tests.support.people import Json, Shop, Shopper, eventually

TRY_AGAIN_SECONDS = 0.1
GIVE_UP_SECONDS = 150.0
AWAY = {502, 503, 504}
CUSTOMERS = 6
BUSY_SECONDS = 60.0
# Well within the lifetime of an order.
SOON_SECONDS = 15.0


class Customer(threading.Thread):
    """Buys, pays, cancels or walks away, until told to go home.

    Args:
        shop: Where.
        products: What there is to buy.
        chance: Decides what to do next.

    Attributes:
        orders: The ids of the orders, by the idempotency key that each was placed with.
        paid: The ids of the orders that were said to be paid soon after they were placed.
        leaves_none: Whether each order is paid or cancelled, so that none has to expire.
        complaints: What should not have happened.
    """

    def __init__(self, shop: Shop, products: Sequence[str], chance: random.Random) -> None:
        super().__init__(name=f"customer-{chance.random()}")
        self._shop = shop
        self._products = products
        self._chance = chance
        self._going_home = threading.Event()
        self.orders: dict[str, set[str]] = {}
        self.paid: set[str] = set()
        self.leaves_none = False
        self.complaints: list[str] = []

    def run(self) -> None:
        """Be a customer."""
        with self._shop.visitor() as client:
            person = Shopper(client)
            try:
                person.sign_up()
                while not self._going_home.is_set():
                    self._go_shopping(person)
            except Exception as error:  # noqa: BLE001 - a thread's would be seen by no one
                self.complaints.append(repr(error))

    @property
    def is_busy(self) -> bool:
        """Whether it has bought more than once, or cannot."""
        return len(self.orders) > 1 or bool(self.complaints)

    def go_home(self) -> None:
        """Finish what is begun, and stop."""
        self._going_home.set()

    def _go_shopping(self, person: Shopper) -> None:
        # 409 is no complaint: things sell out, and an order that was not paid in time is gone.
        key = uuid.uuid4().hex
        products = self._chance.sample(self._products, self._chance.randint(1, 3))
        lines = [{"productId": each, "quantity": self._chance.randint(1, 3)} for each in products]
        answer = self._ask(person, "/api/orders", {"items": lines}, key)
        if answer.status_code == 409:
            return
        order = self._expect(answer, 201).get("order")
        if order is None:
            return
        self.orders.setdefault(key, set()).add(order["id"])
        placed = time.monotonic()
        match self._chance.randint(1, 6):
            case 1 if not self.leaves_none:
                return  # never mind
            case 2:
                person.client.delete(f"/api/orders/{order['id']}")
            case 3 if not self.leaves_none:
                card = {"orderId": order["id"], "paymentMethodId": "pm_card_visa_chargeDeclined"}
                self._expect(self._ask(person, "/api/payments", card, f"{key}-1"), 402, 409)
            case _:
                card = {"orderId": order["id"], "paymentMethodId": "pm_card_visa"}
                answer = self._ask(person, "/api/payments", card, f"{key}-2")
                # A charge that Stripe was never asked for, as long as it may be, is given up.
                is_given_up = (
                    answer.status_code == 402 and answer.json()["declineCode"] == "processing_error"
                )
                if not is_given_up:
                    self._expect(answer, 201, 409)
                if answer.status_code == 201 and time.monotonic() - placed < SOON_SECONDS:
                    self.paid.add(order["id"])

    def _ask(self, person: Shopper, path: str, body: Json, key: str) -> httpx.Response:
        """The first answer that is one; the same key makes trying again harmless."""
        until = time.monotonic() + GIVE_UP_SECONDS
        while True:
            answer = person.client.post(path, json=body, headers={"Idempotency-Key": key})
            is_open = answer.status_code == 409 and answer.json()["reason"] == "PAYMENT_IN_PROGRESS"
            if answer.status_code not in AWAY and not is_open:
                return answer
            if time.monotonic() > until:
                return answer
            time.sleep(TRY_AGAIN_SECONDS)

    def _expect(self, answer: httpx.Response, *statuses: int) -> Json:
        if answer.status_code not in statuses:
            self.complaints.append(f"{answer.request.url.path}: {answer.text}")
        body: Json = answer.json()
        return body


@contextmanager
def crowd(
    shop: Shop, products: Collection[str], chance: random.Random
) -> Iterator[Sequence[Customer]]:
    """Customers who are shopping until the block ends, and have gone home after it."""
    customers = [
        Customer(shop, list(products), random.Random(chance.random())) for _ in range(CUSTOMERS)
    ]
    for customer in customers:
        customer.start()
    try:
        # On a slow machine signing up alone takes a while.
        eventually(lambda: [it.is_busy for it in customers], all, BUSY_SECONDS)
        yield customers
    finally:
        for customer in customers:
            customer.go_home()
        for customer in customers:
            customer.join()


def complaints_of(customers: Sequence[Customer]) -> list[str]:
    """What each has to complain about, and whether they came to buy at all, once for each key."""
    complaints = [complaint for customer in customers for complaint in customer.complaints]
    orders = [ids for customer in customers for ids in customer.orders.values()]
    if len(orders) <= len(customers):
        complaints.append(f"only {len(orders)} orders")
    return complaints + [f"one key, {len(ids)} orders: {ids}" for ids in orders if len(ids) > 1]

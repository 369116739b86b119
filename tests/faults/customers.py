"""Customers who buy on while the shop falls over, and who try again as a browser would."""

import random
import threading
import time
import uuid
from collections.abc import Sequence

import httpx

from tests.journeys.people import Json, Shop, Shopper

TRY_AGAIN_SECONDS = 0.1
GIVE_UP_SECONDS = 120.0
AWAY = {500, 502, 503, 504}


class Customer(threading.Thread):
    """Buys, pays, cancels or walks away, until told to go home.

    Args:
        shop: Where.
        products: What there is to buy.
        chance: Decides what to do next.

    Attributes:
        orders: The ids of the orders, by the idempotency key that each was placed with.
        complaints: What should not have happened.
    """

    def __init__(self, shop: Shop, products: Sequence[str], chance: random.Random) -> None:
        super().__init__(name=f"customer-{chance.random()}")
        self._shop = shop
        self._products = products
        self._chance = chance
        self._going_home = threading.Event()
        self.orders: dict[str, set[str]] = {}
        self.complaints: list[str] = []

    def run(self) -> None:
        """Be a customer."""
        with self._shop.visitor() as client:
            person = Shopper(client)
            person.sign_up()
            while not self._going_home.is_set():
                self._go_shopping(person)

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
        match self._chance.randint(1, 6):
            case 1:
                return  # never mind
            case 2:
                person.client.delete(f"/api/orders/{order['id']}")
            case 3:
                card = {"orderId": order["id"], "paymentMethodId": "pm_card_visa_chargeDeclined"}
                self._expect(self._ask(person, "/api/payments", card, f"{key}-1"), 402, 409)
            case _:
                card = {"orderId": order["id"], "paymentMethodId": "pm_card_visa"}
                self._expect(self._ask(person, "/api/payments", card, f"{key}-2"), 201, 409)

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

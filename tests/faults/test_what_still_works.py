"""What the shop still does while a part of it hangs; the table is in docs/operations.md.

What hangs has open connections and answers nothing. The first calls wait for it as long as they
may; from then on it is not waited for.
"""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx

from tests.faults.processes import Processes
from tests.faults.test_services_away import IN_TIME_SECONDS, ROUTES, ask, is_well
from tests.support.people import Admin, Shop, Shopper, charges_of, eventually, ok, refused
from tests.support.pictures import FORM_TYPE, form, picture

# Three calls without an answer open a circuit; of each of two replicas that may be asked.
CALLS = 6
# Longer than any call may take, and less than what hangs is waited for.
LONGEST_SECONDS, AT_ONCE_SECONDS = 12.0, 1.5
PAGES = ("/", "/cart", "/orders")


@contextmanager
def hanging(
    processes: Processes, name: str, call: Callable[[float], httpx.Response], away: int = 503
) -> Iterator[None]:
    """A part hangs, and is not waited for any more.

    Args:
        processes: Of the shop.
        name: The part's.
        call: Needs it; is given how many seconds it may take.
        away: The status of its answer meanwhile.
    """
    with processes.held_up(*processes.replicas(name)):
        with ThreadPoolExecutor(CALLS) as pool:
            answers = list(pool.map(call, [LONGEST_SECONDS] * CALLS))
        assert [answer.status_code for answer in answers] == [away] * CALLS

        def is_refused_at_once() -> bool:
            try:
                return call(AT_ONCE_SECONDS).status_code == away
            except httpx.ReadTimeout:
                return False

        eventually(is_refused_at_once)
        yield


@contextmanager
def service_hanging(processes: Processes, who: Shopper, name: str) -> Iterator[None]:
    """A service hangs; all that needs only the others goes on, and afterwards all does."""

    def call(seconds: float) -> httpx.Response:
        return ask(who, name, seconds)

    before = processes.pids()
    with hanging(processes, name, call):
        answer = call(IN_TIME_SECONDS)
        refused(answer, 503, "UNAVAILABLE")
        assert int(answer.headers["retry-after"]) > 0
        assert [other for other in ROUTES if other != name and not is_well(who, other)] == []
        yield
    eventually(lambda: is_well(who, name))
    assert processes.pids() == before


def test_without_accounts_those_who_are_signed_in_buy(
    processes: Processes, admin: Admin, shopper: Shopper, guest: Shopper
) -> None:
    thing = admin.add_product(quantity=20)
    # Each replica has a token of its own, which lives for a while.
    for _ in range(2 * CALLS):
        shopper.buy_now((thing["id"], 1))
    with service_hanging(processes, shopper, "svc_auth"):
        shopper.put_in_cart(thing["id"])
        ok(shopper.pay(shopper.check_out()), 201)
        # As to a guest: who is there is not known.
        assert "Sign in" in page_of(shopper, "/")
        guest.put_in_cart(thing["id"])
        answer = guest.client.post(
            "/api/users/signin", json={"email": "a@example.org", "password": "correct horse"}
        )
        refused(answer, 503, "UNAVAILABLE")


def test_without_products_carts_orders_and_payments_go_on(
    processes: Processes, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=3)
    order = shopper.buy_now((thing["id"], 1))
    shopper.put_in_cart(thing["id"])
    with service_hanging(processes, shopper, "svc_catalog"):
        assert shopper.cart()["totalQuantity"] == 1
        assert thing["title"] in page_of(shopper, "/cart")
        ok(shopper.pay(order), 201)
    shopper.order_when(order["id"], "completed")


def test_without_carts_pages_have_no_number_at_the_cart_and_orders_go_on(
    processes: Processes, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=3)
    shopper.put_in_cart(thing["id"])
    assert "cart-badge" in page_of(shopper, "/")
    with service_hanging(processes, shopper, "svc_cart"):
        assert "cart-badge" not in page_of(shopper, "/")
        assert thing["title"] in page_of(shopper, f"/products/{thing['id']}")
        ok(shopper.pay(shopper.buy_now((thing["id"], 1))), 201)
    assert shopper.cart()["totalQuantity"] == 1


def test_without_orders_products_and_carts_go_on(
    processes: Processes, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=3)
    order = shopper.buy_now((thing["id"], 1))
    # Its event is out: what hangs publishes none.
    eventually(lambda: "order.created" in shopper.client.get("/api/notifications").text)
    with service_hanging(processes, shopper, "svc_orders"):
        shopper.put_in_cart(thing["id"], 2)
        assert thing["title"] in page_of(shopper, "/cart")
        # The payments know it by its event.
        eventually(lambda: shopper.pay(order).status_code == 201)
    shopper.order_when(order["id"], "completed")
    assert shopper.check_out()["status"] == "pending"


def test_without_payments_all_goes_on_but_paying(
    shop: Shop, processes: Processes, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=3, price=800)
    with service_hanging(processes, shopper, "svc_payments"):
        shopper.put_in_cart(thing["id"])
        order = shopper.check_out()
        assert order["status"] == "pending"
        refused(shopper.pay(order), 503, "UNAVAILABLE")
        assert charges_of(shop, order["id"]) == []
        assert page_of(shopper, f"/orders/{order['id']}")
    ok(shopper.pay(order), 201)
    shopper.order_when(order["id"], "completed")


def test_without_notifications_all_goes_on_and_they_come_later(
    processes: Processes, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=3)
    with service_hanging(processes, shopper, "svc_notify"):
        order = shopper.buy_now((thing["id"], 1))
        ok(shopper.pay(order), 201)
        shopper.order_when(order["id"], "completed")
    eventually(lambda: "order.completed" in shopper.client.get("/api/notifications").text)


def test_without_s3_only_pictures_are_missing(
    processes: Processes, admin: Admin, shopper: Shopper
) -> None:
    texts = {"title": "Pictured", "category": "Tests", "price.amountMinor": "800"}
    body = form({**texts, "price.currency": "USD", "quantity": "3"}, picture(400, 300))
    answer = admin.client.post("/api/products", content=body, headers=FORM_TYPE)
    thing = ok(answer, 201)["product"]

    def see(seconds: float) -> httpx.Response:
        # Each time another one: for one picture the gateway asks once, however many want it.
        address = f"/media/products/{secrets.token_hex(32)}/640.webp"
        return shopper.client.get(address, timeout=seconds)

    with hanging(processes, "s3", see):
        assert "Pictured" in page_of(shopper, f"/products/{thing['id']}")
        assert page_of(shopper, "/")
        shopper.put_in_cart(thing["id"])
        ok(shopper.pay(shopper.check_out()), 201)
        answer = admin.client.post("/api/products", content=body, headers=FORM_TYPE)
        refused(answer, 503, "UNAVAILABLE")
        assert admin.add_product(quantity=1)
    eventually(lambda: shopper.client.get(thing["imageUrl"]).status_code == 200)


def test_without_stripe_a_payment_stays_unclear_and_is_made_once(
    shop: Shop, processes: Processes, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=40, price=800)
    orders = iter([shopper.buy_now((thing["id"], 1)) for _ in range(3 * CALLS)])
    begun = []

    def pay(seconds: float) -> httpx.Response:
        begun.append(next(orders))
        body = {"orderId": begun[-1]["id"], "paymentMethodId": "pm_card_visa"}
        return shopper.client.post("/api/payments", json=body, timeout=seconds)

    with hanging(processes, "stripe", pay, 409):
        refused(shopper.pay(begun[0]), 409, "PAYMENT_IN_PROGRESS")
        assert [name for name in ROUTES if not is_well(shopper, name)] == []
        shopper.put_in_cart(thing["id"])
        assert all(page_of(shopper, page) for page in PAGES)
    # No one asks again: the sweep does.
    for order in begun:
        shopper.order_when(order["id"], "completed")
        assert charges_of(shop, order["id"]) == [800]


def page_of(who: Shopper, path: str) -> str:
    """A page of the storefront, which is there in time."""
    answer = who.client.get(path, timeout=IN_TIME_SECONDS)
    assert answer.status_code == 200, answer.text
    return answer.text

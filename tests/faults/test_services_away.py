"""A service that is away: its routes say so in time, the rest works, and it comes back."""

from collections.abc import Mapping
from functools import partial

import httpx
import pytest

from chassis.ids import new_id
from tests.faults.processes import SERVICES, Processes
from tests.support.people import Admin, Shopper, eventually, ok, refused

# A route of each service, the request to it, and its answer while all is well.
ROUTES: Mapping[str, tuple[str, str, int]] = {
    "svc_auth": ("GET", "/api/users/sessions", 200),
    "svc_catalog": ("GET", "/api/products", 200),
    "svc_cart": ("GET", "/api/cart", 200),
    "svc_orders": ("GET", "/api/orders", 200),
    "svc_payments": ("GET", "/api/payments/config", 200),
    "svc_notify": ("GET", "/api/notifications", 200),
}
IN_TIME_SECONDS = 8.0


def ask(who: Shopper, service: str, seconds: float = IN_TIME_SECONDS) -> httpx.Response:
    """Ask a service something; fails where no answer comes in time."""
    verb, path, _ = ROUTES[service]
    # Each time another address: what is public the gateway keeps for a moment, whoever is away.
    anew = {"q": new_id()} if service == "svc_catalog" else {}
    return who.client.request(verb, path, params=anew, timeout=seconds)


def is_well(who: Shopper, service: str) -> bool:
    """Whether a service answers as it should."""
    return ask(who, service).status_code == ROUTES[service][2]


@pytest.mark.parametrize("service", SERVICES)
def test_a_crashed_service(processes: Processes, shopper: Shopper, service: str) -> None:
    before = processes.pids()
    with processes.killed(*processes.replicas(service)):
        answer = ask(shopper, service)
        refused(answer, 503, "UNAVAILABLE")
        assert int(answer.headers["retry-after"]) > 0
        assert [
            other for other in SERVICES if other != service and not is_well(shopper, other)
        ] == []
    eventually(lambda: is_well(shopper, service))
    after = processes.pids()
    assert {name for name in before if before[name] != after[name]} == {
        *processes.replicas(service)
    }


def test_without_redis_the_public_catalog_goes_on(
    processes: Processes, shopper: Shopper, admin: Admin
) -> None:
    thing = admin.add_product(quantity=3)
    shopper.put_in_cart(thing["id"], 2)
    with processes.held_up("redis"):
        answer = shopper.client.get("/api/orders")
        refused(answer, 503, "UNAVAILABLE")
        assert int(answer.headers["retry-after"]) > 0
        # Nobody is taken for a guest who may be somebody: their cart would seem to be empty.
        refused(shopper.client.get("/api/cart"), 503, "UNAVAILABLE")
        assert ok(shopper.client.get("/api/products"))["totalSize"] > 0
        ok(shopper.client.get(f"/api/products/{thing['id']}"))
    eventually(lambda: is_well(shopper, "svc_orders"))
    assert shopper.cart()["totalQuantity"] == 2


def test_without_redis_people_sign_out(processes: Processes, shopper: Shopper) -> None:
    shown = dict(shopper.client.cookies)
    with processes.held_up("redis"):
        answer = shopper.client.post("/api/users/signout", json={}, timeout=IN_TIME_SECONDS)
        assert answer.status_code == 204, answer.text
        assert not {"session", "refreshToken"} & set(shopper.client.cookies)
        shopper.client.cookies.update(shown)
        # The session has ended in the database at once, so it is not refreshed either.
        refused(shopper.client.post("/api/users/refresh", json={}), 401, "REFRESH_INVALID")
        shopper.client.cookies.update(shown)
    # Its access token is refused as soon as Redis has been told.
    eventually(lambda: ask(shopper, "svc_orders").status_code == 401)


def test_a_database_that_hangs_is_not_waited_for(processes: Processes, shopper: Shopper) -> None:
    with processes.held_up("mongo"):
        for service in ("svc_catalog", "svc_orders"):
            answer = ask(shopper, service)
            assert answer.status_code == 503, answer.text
    for service in SERVICES:
        eventually(partial(is_well, shopper, service))


def test_a_checkout_that_the_catalog_does_not_answer(
    processes: Processes, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=3)
    shopper.put_in_cart(thing["id"], 2)
    with processes.held_up(*processes.replicas("svc_catalog")):
        answer = shopper.client.post("/api/cart/checkout", json={})
        assert answer.status_code == 503, answer.text
        assert shopper.cart()["totalQuantity"] == 2
    # It may be finished after all, as the same order: the cart is still the same.
    order = eventually(
        lambda: shopper.client.post("/api/cart/checkout", json={}),
        lambda answer: answer.status_code == 201,
    ).json()["order"]
    assert order["status"] == "pending"
    eventually(lambda: admin.product(thing["id"])["available"], lambda left: left == 1)
    assert ok(shopper.client.get("/api/orders"))["totalSize"] == 1

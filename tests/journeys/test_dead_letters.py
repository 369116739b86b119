"""An operator meets events that a service could not handle, over REST and in the console."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kafka import KafkaProducer
from pymongo import MongoClient
from pymongo.collection import Collection
from shop.cart.v1 import events_pb2
from shop.money.v1 import money_pb2

from tests.support.people import Admin, Json, Shop, Shopper, eventually, ok, refused

# Only svc_notify takes it.
TOPIC = "cart.checkout"
GROUP = "notify-cart-checkout"
API = "/api/admin/dead-letters"
PAGE = "/admin/dead-letters"
SERVICES = {"auth", "cart", "catalog", "notify", "orders", "payments", "gateway"}


@contextmanager
def letters_of_notify(shop: Shop) -> Iterator[Collection[Json]]:
    """The dead letters of svc_notify in its database."""
    client: MongoClient[Json] = MongoClient(shop.ready["servers"]["mongo"]["notify"])
    with client:
        yield client.get_default_database()["dead_letters"]


def spoil(shop: Shop, *keys: str) -> None:
    """Publish an event for each of these keys that nothing can read."""
    producer = KafkaProducer(bootstrap_servers=shop.ready["servers"]["kafka"])
    try:
        for key in keys:
            producer.send(TOPIC, b"\xff\xff", key.encode(), [("ce_id", uuid.uuid4().hex.encode())])
        producer.flush()
    finally:
        producer.close()


def repair(shop: Shop, key: str, user_id: str) -> None:
    """Let svc_notify read the event of a key from now on, as by a release that knows its form."""
    message = events_pb2.CartCheckedOut(
        cart_id="c1",
        user_id=user_id,
        order_id=key,
        items=[events_pb2.CheckedOutItem(product_id="p1", title="Mill", quantity=1)],
        total=money_pb2.Money(amount_minor=1999, currency="USD"),
    )
    with letters_of_notify(shop) as letters:
        value = message.SerializeToString()
        assert letters.update_one({"key": key}, {"$set": {"value": value}}).matched_count == 1


def listed(admin: Admin, **query: Any) -> list[Json]:
    letters: list[Json] = ok(admin.client.get(API, params=query))["deadLetters"]
    return letters


def letters_about(admin: Admin, shop: Shop, count: int) -> list[Json]:
    """New dead letters, each about a key of its own."""
    keys = {uuid.uuid4().hex for _ in range(count)}
    spoil(shop, *keys)
    return eventually(
        lambda: [each for each in listed(admin, group=GROUP) if each["key"] in keys],
        lambda found: len(found) == count,
    )


def test_a_dead_letter_is_seen_repaired_and_handled(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    [letter] = letters_about(admin, shop, 1)
    assert (letter["service"], letter["topic"], letter["attempts"]) == ("notify", TOPIC, 1)
    assert len(letter["history"]) == 1
    assert letter in listed(admin, service="notify", topic=TOPIC)
    assert letter not in listed(admin, service="orders")
    path = f"{API}/notify/{letter['id']}"
    assert ok(admin.client.get(path))["deadLetter"] == letter
    refused(admin.client.post(f"{path}/replay"), 404, "NOT_FOUND")
    assert len(ok(admin.client.get(path))["deadLetter"]["history"]) == 2

    page = admin.client.get(f"{PAGE}?group={GROUP}").text
    assert f"{PAGE}/notify/{letter['id']}" in page
    assert "It cannot be read." in admin.client.get(f"{PAGE}/notify/{letter['id']}").text

    repair(shop, letter["key"], shopper.user["id"])
    shown = admin.client.get(f"{PAGE}/notify/{letter['id']}").text
    assert "Mill" in shown
    answer = admin.client.post(f"{PAGE}/notify/{letter['id']}/replay")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    refused(admin.client.get(path), 404, "NOT_FOUND")
    inbox = ok(shopper.client.get("/api/notifications"))
    assert letter["key"] in str(inbox)


def test_several_are_replayed_and_dropped(shop: Shop, admin: Admin, shopper: Shopper) -> None:
    letters = letters_about(admin, shop, 3)
    ids = [letter["id"] for letter in letters]
    repair(shop, letters[0]["key"], shopper.user["id"])
    became = ok(admin.client.post(f"{API}/replay", json={"deadLetterIds": ids}))
    assert (became["replayed"], became["failed"], became["left"]) == (1, 2, 0)
    assert {each["deadLetterId"] for each in became["failures"]} == set(ids[1:])
    ok(admin.client.delete(f"{API}/notify/{ids[1]}"))
    page = admin.client.post(f"{PAGE}/drop", data={"letter": ids[2:]})
    assert re.search(rf'name="letter" value="{ids[2]}"', page.text)
    assert ok(admin.client.get(f"{API}/notify/{ids[2]}"))
    answer = admin.client.post(f"{PAGE}/drop", data={"letter": ids[2:], "confirmed": "yes"})
    assert answer.status_code == 303
    assert not {each["id"] for each in listed(admin, group=GROUP)} & set(ids)


def test_dead_letters_are_for_admins(shopper: Shopper) -> None:
    refused(shopper.client.get(API), 403, "PERMISSION_DENIED")
    refused(shopper.client.post(f"{API}/drop", json={"topic": TOPIC}), 403, "PERMISSION_DENIED")
    assert shopper.client.get(PAGE).status_code == 403


@pytest.mark.parametrize("path", ["/api/admin/system", "/admin/system"])
def test_the_system_is_for_admins(shopper: Shopper, path: str) -> None:
    assert shopper.client.get(path).status_code == 403


def test_the_system_is_shown(admin: Admin) -> None:
    def system() -> Json:
        return ok(admin.client.get("/api/admin/system"))

    # A machine that is busy may keep one of them from answering within a second.
    found = eventually(system, lambda seen: not seen["unreachable"])
    processes = {each["service"]: each for each in found["processes"]}
    assert set(processes) == SERVICES
    assert all(each["startedAt"] and each["version"] for each in processes.values())
    assert {each["name"] for each in processes["orders"]["checks"]} >= {"mongodb", "kafka", "keys"}
    settings = {each["name"]: each for each in processes["payments"]["settings"]}
    assert settings["STRIPE_SECRET_KEY"] == {
        "name": "STRIPE_SECRET_KEY",
        "value": "",
        "isHidden": True,
    }
    lag = eventually(
        system,
        lambda seen: (
            {each["group"] for process in seen["processes"] for each in process["consumerLag"]}
            >= {GROUP, "orders-payment-created"}
        ),
    )
    outboxes = {each["collection"] for process in lag["processes"] for each in process["outboxes"]}
    assert outboxes >= {"orders", "payments", "carts", "products"}
    page = admin.client.get("/admin/system").text
    assert all(f"/admin/system/{service}" in page for service in SERVICES)
    assert "STRIPE_SECRET_KEY" in admin.client.get("/admin/system/payments").text

"""The operators' tool on a running shop."""

import json
import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from tests.journeys.callers import CLIENT
from tests.support.people import Admin, Shop, Shopper, eventually

SECONDS = 120


class Operator:
    """Somebody with the tool, and a folder of their own for its profile."""

    def __init__(self, home: Path) -> None:
        self._environ = os.environ | {"XDG_CONFIG_HOME": str(home)}

    def run(
        self, *arguments: str, reads: str = "", code: int = 0
    ) -> "subprocess.CompletedProcess[str]":
        """A command that has to end with `code`."""
        ended = subprocess.run(
            [sys.executable, "-m", "shopctl", *arguments],
            input=reads,
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert ended.returncode == code, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        return ended

    def json(self, *arguments: str, code: int = 0) -> Any:
        """What a command says for scripts."""
        return json.loads(self.run(*arguments, "--output", "json", code=code).stdout)


@pytest.fixture
def operator(shop: Shop, tmp_path: Path) -> Operator:
    """An operator who is signed in as the admin of the demo."""
    operator = Operator(tmp_path)
    operator.run("login", "--shop", str(shop.data))
    return operator


def test_an_order_is_found_and_cancelled(
    operator: Operator, admin: Admin, shopper: Shopper
) -> None:
    product = admin.add_product(quantity=3)
    order = shopper.buy_now((product["id"], 2))
    mine = ("orders", "list", "--user", shopper.user["email"])
    [listed] = operator.json(*mine, "--status", "pending")["orders"]
    assert listed["id"] == order["id"]
    assert order["number"] in operator.run(*mine).stdout
    operator.run("orders", "cancel", order["id"], "--reason", "Asked by phone.", "--yes")
    shown = operator.json("orders", "show", order["id"])["order"]
    assert shown["status"] == "cancelled"
    assert "Asked by phone." in json.dumps(shown["timeline"])
    stock = operator.json("products", "show", product["id"])["product"]
    assert stock["available"] == 3
    events = operator.run(
        *("events", "tail", "--from-start", "--no-follow", "--topic", "order.*"),
        *("--key", order["id"], "--output", "json"),
    )
    kinds = [json.loads(line)["type"] for line in events.stdout.splitlines()]
    assert sorted(kinds) == ["order.cancelled", "order.created"]


def test_a_payment_is_found_and_given_back(
    operator: Operator, admin: Admin, shopper: Shopper
) -> None:
    order = shopper.buy_now((admin.add_product(quantity=1, price=2000)["id"], 1))
    assert shopper.pay(order).status_code == 201
    [paid] = operator.json("payments", "list", order["id"])["payments"]
    payment = paid["payment"]["id"]
    refunded = operator.json("payments", "refund", payment, "--amount", "5.00", "--yes")
    assert refunded["payment"]["refunded"] == {"amountMinor": 500, "currency": "USD"}
    ended = operator.run("payments", "refund", payment, "--amount", "15.01", "--yes", code=1)
    assert "REFUND_NOT_POSSIBLE" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_product_is_added_changed_and_taken_out(operator: Operator) -> None:
    title = f"Lamp {uuid.uuid4().hex[:12]}"
    made = operator.json(
        *("products", "create", "--title", title, "--category", "Tests"),
        *("--price", "19.99", "--stock", "5"),
    )["product"]
    assert made["price"]["amountMinor"] == 1999
    operator.run("products", "update", made["id"], "--price", "24.50")
    operator.run("products", "stock", made["id"], "--", "-2")
    found = operator.json("products", "list", made["id"])["products"][0]
    assert (found["price"]["amountMinor"], found["quantity"]) == (2450, 3)
    operator.run("products", "delete", made["id"], "--yes")
    ended = operator.run("products", "show", made["id"], code=1)
    assert "NOT_FOUND" in ended.stderr


def test_a_dead_letter_is_looked_at_replayed_and_dropped(shop: Shop, operator: Operator) -> None:
    key = uuid.uuid4().hex
    producer = KafkaProducer(bootstrap_servers=shop.ready["servers"]["kafka"])
    producer.send("product.deleted", key=key.encode(), value=b"\xff").get(SECONDS)
    producer.close()

    def letters() -> list[Any]:
        found = operator.json("dead-letters", "list", "--limit", "1000")["deadLetters"]
        return [letter for letter in found if letter["key"] == key]

    [first, *_] = eventually(letters, seconds=SECONDS)
    assert first["topic"] == "product.deleted"
    assert "cannot be read" in operator.run("dead-letters", "show", first["id"]).stdout
    again = operator.run("dead-letters", "replay", first["id"], code=1)
    assert "0 replayed, 1 refused" in again.stdout
    warned = operator.json("doctor")["checks"]
    assert any("dead letters" in each["check"] and each["state"] == "warning" for each in warned)
    for letter in letters():
        operator.run("dead-letters", "drop", letter["id"], "--yes")
    assert letters() == []


def test_doctor_finds_a_shop_well(operator: Operator, shop: Shop) -> None:
    found = operator.json("doctor")
    assert found["ok"]
    states = {each["check"]: each["state"] for each in found["checks"]}
    wanted = {"token", "gateway", "clock", "svc_cart", "svc_orders: mongodb", "kafka", "redis"}
    assert {name: states[name] for name in wanted} == dict.fromkeys(wanted, "ok")
    assert states["s3"] == states["stripe"] == "ok"


def test_doctor_says_what_is_unreachable_and_what_to_do(operator: Operator) -> None:
    ended = operator.run(
        *("doctor", "--redis", "redis://127.0.0.1:1", "--kafka", "127.0.0.1:1"),
        *("--address", "cart=127.0.0.1:1"),
        code=1,
    )
    lines = {line.split()[0]: line for line in ended.stdout.splitlines() if " failed " in line}
    assert set(lines) == {"svc_cart", "redis", "kafka"}
    assert "start it" in lines["svc_cart"]
    assert "start Redis" in lines["redis"]


def test_how_the_services_are_is_shown(operator: Operator) -> None:
    found = operator.json("system")["processes"]
    names = {"auth", "cart", "catalog", "notify", "orders", "payments"}
    assert {each["service"] for each in found} == names
    groups = {each["group"] for each in operator.json("lag")["consumerLag"]}
    assert "catalog-payment-created" in groups
    outboxes = {each["collection"] for each in operator.json("outbox", "depth")["outboxes"]}
    assert {"carts", "orders", "payments", "products"} <= outboxes
    assert operator.json("outbox", "rejected")["totalSize"] >= 0


def test_a_level_is_set_and_goes_back(operator: Operator) -> None:
    cart = ("--service", "cart")
    before = operator.json("log-level", "show", *cart)["processes"][0]["configured"]
    logger = ("--logger", "svc_cart.usecases")
    changed = operator.json("log-level", "set", "debug", *logger, "--for", "60", *cart)
    assert changed["processes"][0]["changed"][0]["logger"] == "svc_cart.usecases"
    back = operator.json("log-level", "set", "configured", *cart)["processes"][0]
    assert (back["level"], back["changed"]) == (before, [])


def test_a_load_test_reports_what_it_measured(operator: Operator) -> None:
    found = operator.json("loadtest", "--duration", "1", "--concurrency", "2")
    assert found["calls"] > 0
    assert found["failures"] == {}
    assert 0 < found["milliseconds"]["p50"] <= found["milliseconds"]["max"]


def test_a_shopper_may_sign_in_and_is_refused_what_admins_may(
    shop: Shop, shopper: Shopper, tmp_path: Path
) -> None:
    operator = Operator(tmp_path)
    operator.run("login", "--shop", str(shop.data))
    email = shopper.user["email"]
    operator.run("login", "--email", email, reads="correct horse\n")
    assert operator.json("whoami")["user"]["email"] == email
    ended = operator.run("orders", "list", code=4)
    assert "sign in as an admin" in ended.stderr
    operator.run("login", "--email", email, reads="wrong\n", code=4)
    operator.run("logout")
    assert "shopctl login" in operator.run("whoami", code=4).stderr


def test_a_service_credential_may_read_what_services_may(operator: Operator, shop: Shop) -> None:
    secrets = json.loads((shop.data / "secrets.json").read_text())["service_clients"]
    operator.run("login", "--service", CLIENT, reads=f"{secrets[CLIENT]}\n")
    assert operator.json("whoami")["clientId"] == CLIENT
    assert operator.json("dead-letters", "list", "--service", "orders")["totalSize"] >= 0
    assert operator.run("users", "list", code=4).stdout == ""

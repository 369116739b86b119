"""Commands about how the services are: what they ask, and what they print."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from shop.ops.v1 import system_pb2

from tests.unit.shopctl.conftest import Run, Shop

CART = system_pb2.Process(
    service="cart",
    version="0.1.0",
    host="pod-1",
    is_ready=True,
    log_level="INFO",
    outboxes=[
        system_pb2.OutboxDepth(collection="carts", entries=4, oldest_at=Timestamp(seconds=1))
    ],
    consumer_lag=[
        system_pb2.ConsumerLag(group="cart-order-created", topic="order.created", events=2),
        system_pb2.ConsumerLag(group="cart-order-completed", topic="order.completed"),
    ],
    circuit_breakers=[system_pb2.CircuitBreakerState(name="svc_orders", state="open")],
)

pytestmark = pytest.mark.usefixtures("profile")


def answer(shop: Shop) -> None:
    shop.answer("GetSystem", system_pb2.GetSystemResponse(processes=[CART]), "svc_cart")


def test_a_service_is_shown_with_what_waits_in_it(shop: Shop, run: Run) -> None:
    running = run("system", "--service", "cart")
    answer(shop)
    _, row = running.end().out.splitlines()
    assert row.split() == ["cart", "0.1.0", "pod-1", "yes", "info", "4", "2", "0", "svc_orders"]


@pytest.mark.parametrize(
    ("arguments", "groups"),
    [((), ["cart-order-created", "cart-order-completed"]), (("--behind",), ["cart-order-created"])],
)
def test_the_lag_of_each_group_is_shown(
    shop: Shop, run: Run, arguments: tuple[str, ...], groups: list[str]
) -> None:
    running = run("lag", "--service", "cart", *arguments)
    answer(shop)
    _, *rows = running.end().out.splitlines()
    assert [row.split()[0] for row in rows] == groups
    assert rows[0].split() == ["cart-order-created", "cart", "order.created", "2"]


def test_the_lag_is_shown_for_scripts(shop: Shop, run: Run) -> None:
    running = run("lag", "--service", "cart", "-o", "json")
    answer(shop)
    assert [each["events"] for each in running.end().json["consumerLag"]] == [2, 0]


def test_what_waits_to_be_published_is_shown(shop: Shop, run: Run) -> None:
    running = run("outbox", "depth", "--service", "cart")
    answer(shop)
    _, row = running.end().out.splitlines()
    assert row.split() == ["carts", "cart", "4", "1970-01-01", "00:00:01Z"]

"""Commands about orders: what they ask, and what they print."""

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from shop.auth.v1 import auth_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from tests.unit.shopctl.conftest import Run, Shop

ORDER = orders_pb2.Order(
    id="o1",
    number="4821-5539-0714",
    user_id="u1",
    user_email="ada@example.org",
    status=orders_pb2.ORDER_STATUS_PENDING,
    total=money_pb2.Money(amount_minor=500, currency="JPY"),
    created_at=Timestamp(seconds=1_795_000_000),
    items=[orders_pb2.OrderItem(product_id="p1", title="Mug", quantity=2)],
    timeline=[orders_pb2.TimelineEntry(type="order.created", detail="Ordered.")],
)
ADA = auth_pb2.User(id="u1", email="ada@example.org")

pytestmark = pytest.mark.usefixtures("profile")


def test_orders_are_listed_by_status_user_and_time(shop: Shop, run: Run) -> None:
    running = run(
        *("orders", "list", "--status", "pending", "--user", "Ada@example.org"),
        *("--since", "2026-11-01", "--before", "2026-11-02T12:30"),
    )
    others = auth_pb2.User(id="u2", email="not-ada@example.org")
    users = auth_pb2.ListUsersResponse(users=[others, ADA])
    assert shop.answer("ListUsers", users).query == "ada@example.org"
    answer = orders_pb2.ListAllOrdersResponse(orders=[ORDER], total_size=1)
    request = shop.answer("ListAllOrders", answer)
    assert request.status == orders_pb2.ORDER_STATUS_PENDING
    assert request.user_id == "u1"
    assert getattr(request, "from").ToJsonString() == "2026-11-01T00:00:00Z"
    assert request.to.ToJsonString() == "2026-11-02T12:30:00Z"
    _, row, count = running.end().out.splitlines()
    assert row.split()[:5] == ["o1", "4821-5539-0714", "pending", "¥500", "ada@example.org"]
    assert count == "1 of 1 orders"


def test_a_user_that_there_is_not_is_named(shop: Shop, run: Run) -> None:
    running = run("orders", "list", "--user", "ada@example.org")
    shop.answer("ListUsers", auth_pb2.ListUsersResponse())
    ended = running.end()
    assert ended.code == 1
    assert ended.err == "shopctl: USER: there is no account of ada@example.org\n"


def test_an_order_is_shown_with_its_timeline(shop: Shop, run: Run) -> None:
    running = run("orders", "show", "o1")
    answer = orders_pb2.GetAnyOrderResponse(order=ORDER)
    assert shop.answer("GetAnyOrder", answer).order_id == "o1"
    out = running.end().out
    assert "order.created" in out
    assert "Mug" in out


def test_an_order_is_shown_as_the_rest_api_writes_it(shop: Shop, run: Run) -> None:
    running = run("orders", "show", "o1", "-o", "json")
    shop.answer("GetAnyOrder", orders_pb2.GetAnyOrderResponse(order=ORDER))
    order = running.end().json["order"]
    assert (order["status"], order["timeline"][0]["type"]) == ("pending", "order.created")


def test_an_order_is_cancelled_for_a_reason(shop: Shop, run: Run) -> None:
    running = run("orders", "cancel", "o1", "--reason", "Asked by phone.", "--yes")
    cancelled = orders_pb2.Order(id="o1", status=orders_pb2.ORDER_STATUS_CANCELLED)
    request = shop.answer("CancelAnyOrder", orders_pb2.CancelAnyOrderResponse(order=cancelled))
    assert (request.order_id, request.detail) == ("o1", "Asked by phone.")
    assert "cancelled" in running.end().out


def test_an_order_is_not_cancelled_unless_someone_says_so(run: Run) -> None:
    assert run("orders", "cancel", "o1").end().code == 2

"""The RPCs of orders, called with messages."""

from datetime import datetime
from typing import Any, cast

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from chassis.auth.identity import Identity, acting_as
from chassis.errors import InvalidField, NotFound
from chassis.rpc.client_address import client_address
from chassis.rpc.paging import encode_page_token
from svc_orders.model.refusals import OutOfStock, PriceChanged, TooManyUnpaidOrders
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.model.unpaid import Limits
from svc_orders.rpc import DETAILS, OrdersRpc
from svc_orders.usecases.ports import Filter
from tests.unit.svc_orders.served import rpc_of
from tests.unit.svc_orders.world import LIFETIME, NOON, World

pytestmark = pytest.mark.anyio

ANN = Identity("user", id="ann", role="user", email="ann@example.org")
BEN = Identity("user", id="ben", role="user", email="ben@example.org")
# No method looks at it.
CONTEXT = cast("Any", None)


@pytest.fixture
def world() -> World:
    return World(lamp=50)


@pytest.fixture
def rpc(world: World) -> OrdersRpc:
    return rpc_of(world)


def request(quantity: int = 2, key: str = "", expected: int = 0) -> orders_pb2.CreateOrderRequest:
    line = orders_pb2.OrderLine(product_id="lamp", quantity=quantity)
    if expected:
        line.expected_price.CopyFrom(money_pb2.Money(amount_minor=expected, currency="USD"))
    return orders_pb2.CreateOrderRequest(items=[line], idempotency_key=key)


async def ordered(rpc: OrdersRpc, who: Identity = ANN, **kwargs: Any) -> orders_pb2.Order:
    with acting_as(who):
        return (await rpc.CreateOrder(request(**kwargs), CONTEXT)).order


def seconds(time: datetime) -> Timestamp:
    return Timestamp(seconds=int(time.timestamp()))


async def test_the_network_of_the_client_counts(world: World) -> None:
    world.of_network = Limits(orders=1, items=100)
    world.process = world.start()
    rpc = rpc_of(world)
    for number, address in enumerate(["2001:db8:0:1::1", "2001:db8:0:2::1", ""]):
        client_address.set(address)
        await ordered(rpc, Identity("user", id=f"user-{number}", role="user"))
    client_address.set("2001:db8:0:1::2")
    with pytest.raises(TooManyUnpaidOrders):
        await ordered(rpc, ANN)


async def test_an_order_is_answered_whole(rpc: OrdersRpc) -> None:
    order = await ordered(rpc)
    assert (order.id, order.user_id, order.user_email) == ("o001", "ann", "ann@example.org")
    assert order.status == orders_pb2.ORDER_STATUS_PENDING
    assert (order.total.amount_minor, order.total.currency) == (2000, "USD")
    (item,) = order.items
    assert (item.product_id, item.title, item.price.amount_minor, item.quantity) == (
        "lamp",
        "Lamp",
        1000,
        2,
    )
    assert order.version == 2
    assert order.created_at == seconds(NOON)
    assert order.expires_at == seconds(NOON + LIFETIME)
    assert [entry.type for entry in order.timeline] == ["order.created"]


async def test_the_key_comes_with_the_request(rpc: OrdersRpc) -> None:
    assert (await ordered(rpc, key="k")).id == (await ordered(rpc, key="k")).id


async def test_a_changed_price_is_detailed(rpc: OrdersRpc) -> None:
    with pytest.raises(PriceChanged) as refused:
        await ordered(rpc, expected=900)
    detail = DETAILS[PriceChanged](refused.value)
    assert isinstance(detail, orders_pb2.PriceChanged)
    (line,) = detail.lines
    assert (line.product_id, line.title) == ("lamp", "Lamp")
    assert (line.expected_price.amount_minor, line.price.amount_minor) == (900, 1000)


async def test_a_shortage_is_detailed_as_the_catalog_does(rpc: OrdersRpc) -> None:
    with pytest.raises(OutOfStock) as refused:
        await ordered(rpc, quantity=51)
    detail = DETAILS[OutOfStock](refused.value)
    assert isinstance(detail, catalog_pb2.OutOfStock)
    (line,) = detail.lines
    assert (line.product_id, line.title, line.requested, line.available) == ("lamp", "Lamp", 51, 50)


async def test_lists_have_pages_and_no_timelines(rpc: OrdersRpc, world: World) -> None:
    for who in (ANN, BEN, ANN, ANN):
        world.pass_time(seconds=1)
        await ordered(rpc, who)
    with acting_as(ANN):
        first = await rpc.ListOrders(orders_pb2.ListOrdersRequest(page_size=2), CONTEXT)
        last = await rpc.ListOrders(
            orders_pb2.ListOrdersRequest(page_size=2, page_token=first.next_page_token), CONTEXT
        )
    assert [order.id for order in first.orders] == ["o004", "o003"]
    assert [order.id for order in last.orders] == ["o001"]
    assert (first.total_size, last.total_size, last.next_page_token) == (3, 3, "")
    assert not first.orders[0].timeline


async def test_a_page_token_is_good_for_its_list_only(rpc: OrdersRpc, world: World) -> None:
    for _ in range(2):
        world.pass_time(seconds=1)
        await ordered(rpc)
    with acting_as(ANN):
        page = await rpc.ListOrders(orders_pb2.ListOrdersRequest(page_size=1), CONTEXT)
    token = page.next_page_token
    with acting_as(BEN), pytest.raises(InvalidField):
        await rpc.ListOrders(orders_pb2.ListOrdersRequest(page_token=token), CONTEXT)
    for forgery in ((2**62, "o001", 2), (0, "o001", -1), (0, "o001", 2**31), (0, "o001")):
        forged = encode_page_token(repr(Filter(user_id="ann")), forgery)
        with acting_as(ANN), pytest.raises(InvalidField) as refused:
            await rpc.ListOrders(orders_pb2.ListOrdersRequest(page_token=forged), CONTEXT)
        assert refused.value.field == "page_token"


async def test_an_order_is_its_owners(rpc: OrdersRpc) -> None:
    order = await ordered(rpc)
    with acting_as(ANN):
        got = await rpc.GetOrder(orders_pb2.GetOrderRequest(order_id=order.id), CONTEXT)
    assert got.order == order
    with acting_as(BEN), pytest.raises(NotFound):
        await rpc.GetOrder(orders_pb2.GetOrderRequest(order_id=order.id), CONTEXT)
    with acting_as(BEN), pytest.raises(NotFound):
        await rpc.CancelOrder(orders_pb2.CancelOrderRequest(order_id=order.id), CONTEXT)
    anyones = await rpc.GetAnyOrder(orders_pb2.GetAnyOrderRequest(order_id=order.id), CONTEXT)
    assert anyones.order == order


async def test_a_cancelled_order_has_no_deadline(rpc: OrdersRpc) -> None:
    order = await ordered(rpc)
    with acting_as(ANN):
        done = await rpc.CancelOrder(orders_pb2.CancelOrderRequest(order_id=order.id), CONTEXT)
    assert done.order.status == orders_pb2.ORDER_STATUS_CANCELLED
    assert not done.order.HasField("expires_at")


async def test_an_admin_filters(rpc: OrdersRpc, world: World) -> None:
    await ordered(rpc)
    world.pass_time(hours=1)
    await ordered(rpc, BEN)
    await rpc.CancelAnyOrder(orders_pb2.CancelAnyOrderRequest(order_id="o002"), CONTEXT)
    hour = seconds(world.now)

    async def ids(**filters: Any) -> list[str]:
        request = orders_pb2.ListAllOrdersRequest(**filters)
        return [order.id for order in (await rpc.ListAllOrders(request, CONTEXT)).orders]

    assert await ids() == ["o002", "o001"]
    assert await ids(user_id="ann") == ["o001"]
    assert await ids(status=orders_pb2.ORDER_STATUS_CANCELLED) == ["o002"]
    assert await ids(**{"from": hour}) == ["o002"]
    assert await ids(to=hour) == ["o001"]


async def test_times_out_of_range_are_refused(rpc: OrdersRpc) -> None:
    request = orders_pb2.ListAllOrdersRequest(to=Timestamp(seconds=10**15))
    with pytest.raises(InvalidField) as refused:
        await rpc.ListAllOrders(request, CONTEXT)
    assert refused.value.field == "to"


async def test_figures(rpc: OrdersRpc, world: World) -> None:
    order = await ordered(rpc)
    await ordered(rpc)
    update = PaymentUpdate("e1", "pay1", "Paid.")
    await world.process.follow_payments.created(order.id, update)
    stats = await rpc.GetOrderStats(orders_pb2.GetOrderStatsRequest(), CONTEXT)
    assert {each.status: each.count for each in stats.by_status} == {
        orders_pb2.ORDER_STATUS_PENDING: 1,
        orders_pb2.ORDER_STATUS_COMPLETED: 1,
    }
    (day,) = stats.revenue_by_day
    assert (day.day, day.revenue.amount_minor, day.orders) == ("2026-11-23", 2000, 1)
    (best,) = stats.best_sellers
    assert (best.product_id, best.quantity, best.revenue.amount_minor) == ("lamp", 2, 2000)

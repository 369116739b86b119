"""What the other services' answers mean to the cart."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import grpc
import pytest
from google.protobuf.message import Message
from grpc.aio import AioRpcError, Metadata
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from chassis.contract.reasons import reasons
from chassis.errors import NotFound, Unavailable
from chassis.rpc.status import status_of, trailing
from svc_cart.model.cart import Purchase
from svc_cart.model.refusals import PriceChange, PriceChanged
from svc_cart.peers.catalog import CatalogPeer
from svc_cart.peers.orders import OrdersPeer
from tests.unit.svc_cart.samples import cart, line, order, product, usd

pytestmark = pytest.mark.anyio


@dataclass
class Stub:
    """Both services' RPCs: each call gets the next answer."""

    answers: list[Message | AioRpcError]
    requests: list[Any] = field(default_factory=list)

    async def call(self, request: Any, *, timeout: float) -> Any:
        assert timeout > 0
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, AioRpcError):
            raise answer
        return answer

    GetProduct = CreateCartOrder = call


def refused(reason: str, message: str, details: Sequence[Message] = ()) -> AioRpcError:
    """A peer's refusal as it comes over the wire."""
    metadata = Metadata(*trailing(status_of(reason, message, details=details)))
    return AioRpcError(reasons()[reason].code, Metadata(), metadata, details=message)


AWAY = AioRpcError(grpc.StatusCode.UNAVAILABLE, Metadata(), Metadata())


def catalog(*answers: Message | AioRpcError) -> CatalogPeer:
    return CatalogPeer(cast("Any", Stub(list(answers))))


def cents(amount_minor: int) -> money_pb2.Money:
    return money_pb2.Money(amount_minor=amount_minor, currency="USD")


async def test_a_product() -> None:
    message = catalog_pb2.Product(
        id="lamp",
        title="Lamp",
        price=cents(1000),
        available=500,
        quantity=501,
        version=1,
        image_url="/media/lamp",
    )
    peer = catalog(catalog_pb2.GetProductResponse(product=message))
    assert await peer.get("lamp") == product("lamp")


async def test_no_product() -> None:
    assert await catalog(refused("NOT_FOUND", "none")).get("lamp") is None


async def test_no_catalog() -> None:
    with pytest.raises(Unavailable):
        await catalog(AWAY).get("lamp")


async def test_an_order_at_the_prices_that_were_shown() -> None:
    message = orders_pb2.Order(
        id="o1",
        number="4821-5539-0714",
        status=orders_pb2.ORDER_STATUS_PENDING,
        cart_id="c1",
        cart_generation=3,
        total=cents(2000),
        items=[
            orders_pb2.OrderItem(product_id="lamp", title="Lamp", price=cents(1000), quantity=2)
        ],
    )
    stub = Stub([orders_pb2.CreateCartOrderResponse(order=message)])
    ordered = cart(line("lamp", 2), generation=3, version=8)
    placed = await OrdersPeer(cast("Any", stub)).create(ordered, "key")
    assert (placed.id, placed.items, placed.total) == ("o1", order().items, usd(2000))
    assert (placed.is_waiting, placed.is_completed) == (True, False)
    assert placed.purchase == Purchase("c1", 3, {"lamp": 2})
    assert placed.number == "4821-5539-0714"
    assert stub.requests == [
        orders_pb2.CreateCartOrderRequest(
            cart_id="c1",
            generation=3,
            version=8,
            items=[orders_pb2.OrderLine(product_id="lamp", quantity=2, expected_price=cents(1000))],
            idempotency_key="key",
        )
    ]


async def test_refusals_of_an_order() -> None:
    detail = orders_pb2.PriceChanged(
        lines=[
            orders_pb2.PriceChange(
                product_id="lamp", title="Lamp", expected_price=cents(1), price=cents(2)
            )
        ]
    )
    other = refused("IDEMPOTENCY_KEY_REUSED", "another body")
    answers = [
        refused("PRICE_CHANGED", "dearer", [detail]),
        refused("NOT_FOUND", "no lamp"),
        other,
        AWAY,
    ]
    peer = OrdersPeer(cast("Any", Stub(list(answers))))
    with pytest.raises(PriceChanged, match="dearer") as changed:
        await peer.create(cart(line()), "key")
    assert changed.value.lines == (PriceChange("lamp", "Lamp", usd(1), usd(2)),)
    with pytest.raises(NotFound, match="no lamp"):
        await peer.create(cart(line()), "key")
    for passed_on in (other, AWAY):
        with pytest.raises(AioRpcError) as error:
            await peer.create(cart(line()), "key")
        assert error.value is passed_on

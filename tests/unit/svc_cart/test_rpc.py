"""The cart's RPCs, called with messages."""

from typing import Any, cast

import pytest
from shop.cart.v1 import cart_pb2
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from chassis.auth.identity import Identity, acting_as
from chassis.errors import Unauthenticated
from svc_cart.messages import order_message
from svc_cart.model.refusals import CartEmpty, OutOfStock, PriceChange, PriceChanged
from svc_cart.rpc import DETAILS, CartRpc
from tests.support.metrics import grows
from tests.unit.svc_cart.samples import order, product, usd
from tests.unit.svc_cart.shops import Shop

pytestmark = pytest.mark.anyio

USER = Identity("user", id="u1", role="user")
# No method looks at it.
CONTEXT = cast("Any", None)


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def rpc(shop: Shop) -> CartRpc:
    return CartRpc(shop.edit_cart, shop.checkout)


def cents(amount_minor: int) -> money_pb2.Money:
    return money_pb2.Money(amount_minor=amount_minor, currency="USD")


async def test_a_guest_fills_a_cart_signs_in_and_finds_it(rpc: CartRpc) -> None:
    added = await rpc.AddItem(cart_pb2.AddItemRequest(product_id="lamp", quantity=2), CONTEXT)
    assert added.guest_id
    looked = await rpc.GetCart(cart_pb2.GetCartRequest(guest_id=added.guest_id), CONTEXT)
    assert looked.cart == added.cart
    assert not looked.HasField("guest_id")
    with acting_as(USER):
        merged = await rpc.GetCart(cart_pb2.GetCartRequest(guest_id=added.guest_id), CONTEXT)
    assert merged.HasField("guest_id")
    assert not merged.guest_id
    assert merged.cart.items == added.cart.items


async def test_a_cart_in_full(rpc: CartRpc, shop: Shop) -> None:
    with acting_as(USER):
        await rpc.AddItem(cart_pb2.AddItemRequest(product_id="lamp", quantity=2), CONTEXT)
        await shop.replica.put(product("lamp", price=usd(1100), version=2))
        answer = await rpc.GetCart(cart_pb2.GetCartRequest(), CONTEXT)
    assert answer.cart == cart_pb2.Cart(
        id="cart1",
        items=[
            cart_pb2.CartItem(
                product_id="lamp",
                title="Lamp",
                price=cents(1100),
                previous_price=cents(1000),
                quantity=2,
                available=500,
                image_url="/media/lamp",
                subtotal=cents(2200),
            )
        ],
        subtotal=cents(2200),
        total_quantity=2,
        version=2,
    )


async def test_an_empty_cart_has_a_sum_of_nothing(rpc: CartRpc) -> None:
    answer = await rpc.GetCart(cart_pb2.GetCartRequest(), CONTEXT)
    assert answer.cart == cart_pb2.Cart(subtotal=cents(0))
    assert not answer.HasField("guest_id")


async def test_changing_lines(rpc: CartRpc) -> None:
    with acting_as(USER):
        await rpc.AddItem(cart_pb2.AddItemRequest(product_id="lamp", quantity=2), CONTEXT)
        fewer = await rpc.SetItemQuantity(
            cart_pb2.SetItemQuantityRequest(product_id="lamp", quantity=1), CONTEXT
        )
        none = await rpc.RemoveItem(cart_pb2.RemoveItemRequest(product_id="lamp"), CONTEXT)
    assert fewer.cart.total_quantity == 1
    assert none.cart.total_quantity == 0


async def test_another_process_has_no_cart(rpc: CartRpc) -> None:
    with acting_as(Identity("service", id="svc_orders", role="service")):
        added = await rpc.AddItem(cart_pb2.AddItemRequest(product_id="lamp", quantity=2), CONTEXT)
    assert added.guest_id


async def test_checking_out_answers_the_order_as_it_came(
    rpc: CartRpc, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = order()

    async def create(*_: object) -> object:
        return placed

    monkeypatch.setattr(shop.orders, "create", create)
    with acting_as(USER), grows("checkouts_total", {"outcome": "ordered"}):
        await rpc.AddItem(cart_pb2.AddItemRequest(product_id="lamp", quantity=2), CONTEXT)
        answer = await rpc.Checkout(cart_pb2.CheckoutRequest(), CONTEXT)
    assert answer.order == order_message(placed)


async def test_a_refused_checkout_is_counted_by_its_reason(rpc: CartRpc) -> None:
    refused = grows("checkouts_total", {"outcome": "cart_empty"})
    with acting_as(USER), refused, pytest.raises(CartEmpty):
        await rpc.Checkout(cart_pb2.CheckoutRequest(), CONTEXT)


async def test_guests_do_not_check_out(rpc: CartRpc) -> None:
    with pytest.raises(Unauthenticated):
        await rpc.Checkout(cart_pb2.CheckoutRequest(), CONTEXT)


async def test_a_shortage_carries_its_lines(rpc: CartRpc, shop: Shop) -> None:
    shop.replica.products["lamp"] = product("lamp", available=1)
    with pytest.raises(OutOfStock) as refusal:
        await rpc.AddItem(cart_pb2.AddItemRequest(product_id="lamp", quantity=2), CONTEXT)
    assert DETAILS[OutOfStock](refusal.value) == catalog_pb2.OutOfStock(
        lines=[catalog_pb2.StockShortage(product_id="lamp", title="Lamp", requested=2, available=1)]
    )


def test_a_changed_price_carries_both() -> None:
    refusal = PriceChanged("", (PriceChange("lamp", "Lamp", usd(1), usd(2)),))
    assert DETAILS[PriceChanged](refusal) == orders_pb2.PriceChanged(
        lines=[
            orders_pb2.PriceChange(
                product_id="lamp", title="Lamp", expected_price=cents(1), price=cents(2)
            )
        ]
    )

"""One order of one cart."""

import asyncio

import pytest

from chassis.errors import NotFound
from svc_cart.model.cart import Shopper
from svc_cart.model.refusals import CartEmpty, OutOfStock, PriceChanged, Shortage
from tests.unit.svc_cart.samples import usd
from tests.unit.svc_cart.shops import Shop

pytestmark = pytest.mark.anyio

USER = Shopper("u1")


@pytest.fixture
async def shop() -> Shop:
    """Two lamps in the cart of u1."""
    shop = Shop()
    await shop.edit_cart.add(USER, "lamp", 2)
    return shop


async def test_an_empty_cart(shop: Shop) -> None:
    with pytest.raises(CartEmpty):
        await shop.checkout(Shopper("u2"), "")
    await shop.edit_cart.remove(USER, "lamp")
    with pytest.raises(CartEmpty):
        await shop.checkout(USER, "")


async def test_parallel_checkouts_are_one_order_and_one_event(shop: Shop) -> None:
    before = shop.carts.carts["user:u1"]
    done = await asyncio.gather(*(shop.checkout(USER, "") for _ in range(20)))
    assert {each.order.id for each in done} == {"o1"}
    assert shop.carts.carts["user:u1"] == before
    (event,) = shop.carts.checkouts.values()
    assert (event.cart_id, event.version, event.user_id) == (before.id, before.version, "u1")
    assert event.order.total == usd(2000)


async def test_a_cart_that_was_paid_a_moment_ago_leads_to_its_order_and_is_emptied(
    shop: Shop,
) -> None:
    first = (await shop.checkout(USER, "")).order
    shop.orders.pay(first)
    assert (await shop.checkout(USER, "")).order.id == first.id
    assert (await shop.edit_cart.get(USER)).cart.items == ()
    # The event comes after that, and finds it done.
    await shop.follow_orders.completed("u1", first.purchase)
    with pytest.raises(CartEmpty):
        await shop.checkout(USER, "")


async def test_the_key_of_a_paid_order_leads_to_it_when_its_lines_have_left_the_cart(
    shop: Shop,
) -> None:
    first = (await shop.checkout(USER, "mine")).order
    paid = shop.orders.pay(first)
    await shop.follow_orders.completed("u1", first.purchase)
    assert (await shop.checkout(USER, "mine")).order == paid
    for other in ("", "another"):
        with pytest.raises(CartEmpty):
            await shop.checkout(USER, other)


async def test_the_key_of_an_order_that_waits_leads_to_it_when_the_cart_was_emptied(
    shop: Shop,
) -> None:
    first = (await shop.checkout(USER, "mine")).order
    await shop.edit_cart.remove(USER, "lamp")
    assert (await shop.checkout(USER, "mine")).order == first


async def test_the_key_of_an_order_that_was_given_back_is_worth_nothing(shop: Shop) -> None:
    first = (await shop.checkout(USER, "mine")).order
    shop.orders.pay(first, cancelled=True)
    await shop.follow_orders.completed("u1", first.purchase)
    with pytest.raises(CartEmpty):
        await shop.checkout(USER, "mine")


async def test_what_was_put_in_after_the_order_that_was_paid_is_ordered(shop: Shop) -> None:
    first = (await shop.checkout(USER, "")).order
    shop.orders.pay(first)
    await shop.edit_cart.add(USER, "vase", 1)
    second = (await shop.checkout(USER, "")).order
    assert (second.id, second.purchase.quantities) == ("o2", {"vase": 1})
    seen = await shop.edit_cart.get(USER)
    assert [item.product_id for item in seen.cart.items] == ["vase"]
    # The event comes after that, and finds it done.
    await shop.follow_orders.completed("u1", first.purchase)
    assert (await shop.checkout(USER, "")).order.id == "o2"
    assert [order_id for _, order_id in shop.carts.checkouts] == ["o1", "o2"]


async def test_what_was_paid_and_given_back_is_ordered_no_more(shop: Shop) -> None:
    first = (await shop.checkout(USER, "")).order
    shop.orders.pay(first, cancelled=True)
    with pytest.raises(CartEmpty):
        await shop.checkout(USER, "")


async def test_another_cart_is_another_order(shop: Shop) -> None:
    await shop.checkout(USER, "")
    await shop.edit_cart.add(USER, "lamp", 1)
    assert (await shop.checkout(USER, "")).order.id == "o2"


async def test_the_clients_key_is_passed_on(shop: Shop) -> None:
    await shop.checkout(USER, "mine")
    assert shop.orders.keys == ["mine"]


async def test_a_guests_cart_is_moved_first(shop: Shop) -> None:
    await shop.edit_cart.add(Shopper(), "vase", 1)
    done = await shop.checkout(Shopper("u1", "secret1"), "")
    assert done.guest_id == ""
    assert [item.product_id for item in done.order.items] == ["lamp", "vase"]


async def test_a_changed_price_is_refused_once(shop: Shop) -> None:
    shop.orders.prices["lamp"] = usd(1500)
    with pytest.raises(PriceChanged) as refusal:
        await shop.checkout(USER, "")
    assert [(line.shown, line.price) for line in refusal.value.lines] == [(usd(1000), usd(1500))]
    assert (await shop.checkout(USER, "")).order.total == usd(3000)


async def test_a_product_that_is_gone_is_out_of_stock(shop: Shop) -> None:
    del shop.orders.prices["lamp"]
    del shop.catalog.products["lamp"]
    with pytest.raises(OutOfStock) as refusal:
        await shop.checkout(USER, "")
    assert refusal.value.lines == (Shortage("lamp", "Lamp", 2, 0),)


async def test_what_only_orders_can_not_find_is_passed_on(shop: Shop) -> None:
    del shop.orders.prices["lamp"]
    with pytest.raises(NotFound):
        await shop.checkout(USER, "")

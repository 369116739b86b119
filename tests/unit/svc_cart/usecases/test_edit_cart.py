"""Editing a cart, as a guest and as a user."""

import asyncio

import pytest

from chassis.errors import InvalidField, NotFound, Unavailable
from svc_cart.model.cart import Cart, Shopper, guest_owner
from svc_cart.model.refusals import OutOfStock
from tests.unit.svc_cart.samples import product, usd
from tests.unit.svc_cart.shops import Shop

pytestmark = pytest.mark.anyio

USER = Shopper("u1")


@pytest.fixture
def shop() -> Shop:
    return Shop()


async def test_who_only_looks_gets_no_cookie_and_no_cart(shop: Shop) -> None:
    seen = await shop.edit_cart.get(Shopper())
    assert (seen.cart.id, seen.cart.items, seen.guest_id) == ("", (), None)
    assert (await shop.edit_cart.get(Shopper(guest_id="unknown"))).guest_id is None
    assert shop.carts.carts == {}


async def test_a_guest_gets_an_id_with_the_first_line(shop: Shop) -> None:
    first = await shop.edit_cart.add(Shopper(), "lamp", 1)
    assert first.guest_id == "secret1"
    second = await shop.edit_cart.add(Shopper(guest_id="secret1"), "lamp", 2)
    assert second.guest_id == "secret1"
    seen = await shop.edit_cart.get(Shopper(guest_id="secret1"))
    assert [(item.product_id, item.quantity) for item in seen.cart.items] == [("lamp", 3)]
    assert seen.cart.subtotal == usd(3000)
    assert shop.carts.carts[guest_owner("secret1")].expires_at is not None


async def test_a_planted_guest_id_is_not_taken_over(shop: Shop) -> None:
    seen = await shop.edit_cart.add(Shopper(guest_id="planted"), "lamp", 1)
    assert seen.guest_id == "secret1"
    assert guest_owner("planted") not in shop.carts.carts


async def test_a_users_cart_never_expires(shop: Shop) -> None:
    seen = await shop.edit_cart.add(USER, "lamp", 1)
    assert seen.guest_id is None
    assert shop.carts.carts["user:u1"].expires_at is None


async def test_an_unknown_product(shop: Shop) -> None:
    with pytest.raises(NotFound):
        await shop.edit_cart.add(USER, "ghost", 1)
    shop.replica.products["lamp"] = product("lamp", deleted=True)
    with pytest.raises(NotFound):
        await shop.edit_cart.add(USER, "lamp", 1)


async def test_a_product_that_was_not_heard_of_is_asked_for_once(shop: Shop) -> None:
    shop.catalog.products["rug"] = product("rug")
    await shop.edit_cart.add(USER, "rug", 1)
    await shop.edit_cart.add(USER, "rug", 1)
    assert shop.catalog.asked == ["rug"]


async def test_what_was_heard_of_needs_no_catalog(shop: Shop) -> None:
    shop.catalog.away = True
    assert (await shop.edit_cart.add(USER, "lamp", 1)).cart.total_quantity == 1
    with pytest.raises(Unavailable):
        await shop.edit_cart.add(USER, "rug", 1)


async def test_a_replica_that_is_behind_refuses_nobody(shop: Shop) -> None:
    shop.replica.products["lamp"] = product("lamp", available=0)
    with pytest.raises(OutOfStock):
        await shop.edit_cart.add(USER, "lamp", 1)
    shop.catalog.products["lamp"] = product("lamp", available=1, version=2)
    assert (await shop.edit_cart.add(USER, "lamp", 1)).cart.total_quantity == 1
    shop.catalog.away = True
    with pytest.raises(OutOfStock):
        await shop.edit_cart.add(USER, "lamp", 1)


async def test_parallel_adds_are_all_kept(shop: Shop) -> None:
    await asyncio.gather(*(shop.edit_cart.add(USER, "lamp", 2) for _ in range(20)))
    seen = await shop.edit_cart.get(USER)
    assert seen.cart.total_quantity == 40


async def test_the_sum_of_a_line_is_limited(shop: Shop) -> None:
    await shop.edit_cart.add(USER, "lamp", 99)
    with pytest.raises(InvalidField) as refusal:
        await shop.edit_cart.add(USER, "lamp", 1)
    assert refusal.value.field == "quantity"


async def test_setting_and_removing(shop: Shop) -> None:
    await shop.edit_cart.add(USER, "lamp", 5)
    assert (await shop.edit_cart.set_quantity(USER, "lamp", 2)).cart.total_quantity == 2
    with pytest.raises(NotFound):
        await shop.edit_cart.set_quantity(USER, "vase", 2)
    assert (await shop.edit_cart.remove(USER, "lamp")).cart.items == ()
    assert (await shop.edit_cart.remove(USER, "lamp")).cart.items == ()
    assert (await shop.edit_cart.remove(Shopper(), "lamp")).cart.id == ""
    with pytest.raises(NotFound):
        await shop.edit_cart.set_quantity(Shopper(), "lamp", 2)


async def test_a_line_whose_product_is_gone_can_only_be_removed(shop: Shop) -> None:
    await shop.edit_cart.add(USER, "lamp", 5)
    await shop.replica.delete("lamp", 2)
    del shop.catalog.products["lamp"]
    with pytest.raises(OutOfStock) as refusal:
        await shop.edit_cart.set_quantity(USER, "lamp", 1)
    assert refusal.value.lines[0].available == 0
    assert (await shop.edit_cart.get(USER)).cart.items[0].title == "Lamp"
    assert (await shop.edit_cart.remove(USER, "lamp")).cart.items == ()


async def test_a_new_price_is_news_once(shop: Shop) -> None:
    before = await shop.edit_cart.add(USER, "lamp", 1)
    assert (await shop.edit_cart.get(USER)).cart.version == before.cart.version
    await shop.replica.put(product("lamp", price=usd(1200), version=2))
    (item,) = (await shop.edit_cart.get(USER)).cart.items
    assert (item.price, item.previous_price) == (usd(1200), usd(1000))
    seen = await shop.edit_cart.get(USER)
    assert seen.cart.items[0].previous_price is None
    assert seen.cart.version == before.cart.version + 1


@pytest.mark.parametrize("shopper", [USER, Shopper(guest_id="secret1")])
async def test_a_call_reads_and_writes_the_cart_once(shop: Shop, shopper: Shopper) -> None:
    for who in (USER, Shopper()):
        await shop.edit_cart.add(who, "lamp", 1)
    commands: list[str] = []
    find, save = shop.carts.find, shop.carts.save

    async def counted_find(owner: str) -> Cart | None:
        commands.append("find")
        return await find(owner)

    async def counted_save(cart: Cart) -> Cart | None:
        commands.append("save")
        return await save(cart)

    shop.carts.find, shop.carts.save = counted_find, counted_save  # type: ignore[method-assign]
    await shop.edit_cart.add(shopper, "lamp", 1)
    await shop.edit_cart.set_quantity(shopper, "lamp", 5)
    await shop.edit_cart.remove(shopper, "lamp")
    assert commands == ["find", "save"] * 3
    await shop.edit_cart.get(shopper)
    assert commands == ["find", "save"] * 3 + ["find"]

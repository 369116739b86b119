"""Events in any order, and again."""

from itertools import permutations

import pytest

from svc_cart.model.cart import Purchase, Shopper
from tests.unit.svc_cart.samples import product, usd
from tests.unit.svc_cart.shops import Shop

pytestmark = pytest.mark.anyio

USER = Shopper("u1")


async def test_the_newest_version_of_a_product_wins_in_any_order() -> None:
    versions = [product("rug", version=number, price=usd(number)) for number in (1, 2, 3)]
    for story in permutations([*versions, versions[0]]):
        shop = Shop()
        for each in story:
            await shop.follow_products.changed(each)
        assert shop.replica.products["rug"] == versions[-1]


async def test_a_deleted_product_stays_deleted() -> None:
    shop = Shop()
    await shop.follow_products.deleted("rug", 3)
    await shop.follow_products.changed(product("rug", version=2))
    assert shop.replica.products["rug"].deleted


async def test_what_was_paid_leaves_the_cart_once() -> None:
    shop = Shop()
    await shop.edit_cart.add(USER, "lamp", 5)
    before = await shop.edit_cart.add(USER, "vase", 1)
    for _ in range(3):
        await shop.follow_orders.completed(
            "u1", Purchase(before.cart.id, 0, {"lamp": 2, "vase": 1})
        )
    seen = await shop.edit_cart.get(USER)
    assert {item.product_id: item.quantity for item in seen.cart.items} == {"lamp": 3}
    assert seen.cart.version == before.cart.version + 1


async def test_an_order_of_any_age_takes_its_lines_once() -> None:
    shop = Shop()
    before = await shop.edit_cart.add(USER, "lamp", 5)
    first = Purchase(before.cart.id, 0, {"lamp": 1})
    await shop.follow_orders.completed("u1", first)
    for generation in range(1, 300):
        await shop.follow_orders.completed("u1", Purchase(before.cart.id, generation, {"vase": 1}))
    await shop.follow_orders.completed("u1", first)
    assert (await shop.edit_cart.get(USER)).cart.total_quantity == 4
    assert shop.carts.carts["user:u1"].merged == ()


async def test_an_order_of_another_cart_takes_nothing() -> None:
    shop = Shop()
    await shop.edit_cart.add(USER, "lamp", 2)
    await shop.follow_orders.completed("u1", Purchase("another", 0, {"lamp": 2}))
    await shop.follow_orders.completed("u2", Purchase("another", 0, {"lamp": 2}))
    assert (await shop.edit_cart.get(USER)).cart.total_quantity == 2

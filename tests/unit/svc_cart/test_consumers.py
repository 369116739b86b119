"""What events do to carts."""

from typing import Any

import pytest
from shop.catalog.v1 import catalog_pb2
from shop.catalog.v1 import events_pb2 as catalog
from shop.money.v1 import money_pb2
from shop.orders.v1 import events_pb2 as orders
from shop.orders.v1 import orders_pb2

from chassis.events import Event
from svc_cart.consumers import subscriptions
from svc_cart.model.cart import Shopper
from tests.unit.svc_cart.samples import NOON, product, usd
from tests.unit.svc_cart.shops import Shop

pytestmark = pytest.mark.anyio


async def happen(shop: Shop, topic: str, message: Any) -> None:
    table = {each.topic: each for each in subscriptions(shop.follow_products, shop.follow_orders)}
    event = Event(id="e", topic=topic, key="k", time=NOON, source="test")
    await table[topic].handle(message, event)
    await table[topic].handle(message, event)


def rug(version: int) -> catalog_pb2.Product:
    return catalog_pb2.Product(
        id="rug",
        title="Rug",
        price=money_pb2.Money(amount_minor=500, currency="USD"),
        quantity=9,
        available=7,
        version=version,
        image_url="/media/rug",
    )


async def test_products_are_copied() -> None:
    shop = Shop()
    await happen(shop, "product.updated", catalog.ProductUpdated(product=rug(2)))
    await happen(shop, "product.created", catalog.ProductCreated(product=rug(1)))
    assert shop.replica.products["rug"] == product("rug", version=2, price=usd(500), available=7)
    await happen(shop, "product.deleted", catalog.ProductDeleted(product_id="rug", version=3))
    assert shop.replica.products["rug"].deleted


async def test_what_was_paid_leaves_the_cart_that_it_was_ordered_of() -> None:
    shop = Shop()
    seen = await shop.edit_cart.add(Shopper("u1"), "lamp", 5)
    items = [orders_pb2.OrderItem(product_id="lamp", quantity=number) for number in (1, 2)]
    bought_at_once = orders_pb2.Order(id="o1", user_id="u1", items=items)
    await happen(shop, "order.completed", orders.OrderCompleted(order=bought_at_once))
    assert (await shop.edit_cart.get(Shopper("u1"))).cart.total_quantity == 5
    of_the_cart = orders_pb2.Order(id="o2", user_id="u1", items=items, cart_id=seen.cart.id)
    await happen(shop, "order.completed", orders.OrderCompleted(order=of_the_cart))
    assert (await shop.edit_cart.get(Shopper("u1"))).cart.total_quantity == 2

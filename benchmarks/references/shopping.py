"""What shopping writes, by raw pymongo behind bare gRPC: no identity, rules, or repeated tries.

python -m benchmarks.references.shopping PORT DATABASE_URL...

The databases are the cart's, the orders', the catalog's, the payments' and that of notify.
An add reads the cart and writes it. A checkout reads it, writes the order, adds it to what the
shopper has not paid, reserves each product, writes the order with its event, and notes it in the
cart with another. Once it is answered, the events are taken out again, as after being published,
and what their consumers write is written: the copies that payments have of the order and the cart
of the product, and two messages for the shopper, two for admins and one for all, each with how far
its log has come. All of it is acknowledged as the shop's writes are, in the same databases, in
collections of their own that refuse the same twice; products are copies of the shop's.
"""

import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

import uvloop
from bson import Binary
from pymongo import AsyncMongoClient, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from shop.cart.v1 import cart_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from benchmarks.references.serving import serve_rpcs
from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.mongo.client import Document, client_options

PRICE: Document = {"amount_minor": 1999, "currency": "USD"}
MONEY = money_pb2.Money(amount_minor=1999, currency="USD")
EVENT = Binary(b"x" * 300)
TOLD = ("order.created", "cart.checkout")
Collection = AsyncCollection[Document]
Database = AsyncDatabase[Document]


class Shopping:
    """The two RPCs."""

    def __init__(
        self,
        cart: Database,
        orders: Database,
        catalog: Database,
        payments: Database,
        notify: Database,
    ) -> None:
        self._carts, self._copies = cart["bench_carts"], cart["bench_products"]
        self._orders, self._unpaid = orders["bench_orders"], orders["bench_unpaid"]
        self._products = catalog["bench_products"]
        self._payable = payments["bench_orders"]
        self._messages, self._audiences = notify["bench_messages"], notify["bench_audiences"]
        self._latest: Counter[str] = Counter()
        self._after: set[asyncio.Task[None]] = set()

    async def begin(self, products: Collection) -> None:
        """Make the copies of the shop's products, and the indexes that refuse the same twice."""
        for each in (self._products, self._messages, self._audiences):
            await each.drop()
        await self._products.insert_many(await products.find().to_list())
        await self._orders.create_index([("user_id", 1), ("key", 1)], unique=True)
        for once in ("sequence", "event_id"):
            await self._messages.create_index([("audience", 1), (once, 1)], unique=True)

    async def add(self, request: cart_pb2.AddItemRequest, _: object) -> cart_pb2.AddItemResponse:
        """One read and one write."""
        owner = request.guest_id
        cart = await self._carts.find_one({"_id": owner}, {"outbox": 0})
        lines: list[Document] = cart["lines"] if cart else []
        line = next((each for each in lines if each["product_id"] == request.product_id), None)
        if line:
            line["quantity"] += request.quantity
        else:
            what = {"product_id": request.product_id, "quantity": request.quantity}
            lines.append({**what, "price": PRICE, "added_at": utcnow(), "begun": 0})
        if cart:
            await self._carts.update_one(
                {"_id": owner, "version": cart["version"]},
                {"$set": {"lines": lines}, "$inc": {"version": 1}},
            )
        else:
            await self._carts.insert_one({"_id": owner, "version": 1, "lines": lines})
        items = [
            cart_pb2.CartItem(
                product_id=each["product_id"],
                title="Something that is sold",
                price=MONEY,
                quantity=each["quantity"],
                available=1000,
                subtotal=MONEY,
            )
            for each in lines
        ]
        return cart_pb2.AddItemResponse(cart=cart_pb2.Cart(id=owner, items=items, subtotal=MONEY))

    async def check_out(
        self, request: cart_pb2.CheckoutRequest, _: object
    ) -> cart_pb2.CheckoutResponse:
        """One read and five writes or more; seven or more after the answer."""
        cart = await self._carts.find_one({"_id": request.guest_id}, {"outbox": 0})
        assert cart
        order: Document = {"_id": new_id(), "status": "created", "lines": cart["lines"]}
        order |= {"user_id": cart["_id"], "total": PRICE, "created_at": utcnow(), "version": 1}
        order["key"] = f"{cart['_id']}/{cart['version']}"
        await self._orders.insert_one(order)
        await self._unpaid.update_one(
            {"_id": cart["_id"], "held.order_id": {"$ne": order["_id"]}},
            {"$push": {"held": {"order_id": order["_id"], "items": cart["lines"]}}},
            upsert=True,
        )
        for line in cart["lines"]:
            held = {"order_id": order["_id"], "quantity": line["quantity"], "at": utcnow()}
            await self._products.update_one(
                {"_id": line["product_id"], "available": {"$gte": line["quantity"]}},
                {
                    "$inc": {"available": -line["quantity"], "version": 1},
                    "$push": {"reservations": {"$each": [held], "$slice": -100}, **_entry()},
                },
            )
        await self._orders.update_one(
            {"_id": order["_id"], "version": 1},
            {"$set": {"status": "pending", "version": 2}, "$push": _entry()},
        )
        await self._carts.update_one(
            {"_id": cart["_id"]},
            {"$push": {"checkouts": {"$each": [order["_id"]], "$slice": -20}, **_entry()}},
        )
        published = asyncio.create_task(self._publish(cart, order))
        self._after.add(published)
        published.add_done_callback(self._after.discard)
        items = [
            orders_pb2.OrderItem(
                product_id=line["product_id"],
                title="Something that is sold",
                price=MONEY,
                quantity=line["quantity"],
            )
            for line in cart["lines"]
        ]
        made = orders_pb2.Order(
            id=order["_id"], status=orders_pb2.ORDER_STATUS_PENDING, items=items, total=MONEY
        )
        return cart_pb2.CheckoutResponse(order=made)

    async def _publish(self, cart: Document, order: Document) -> None:
        """Take the events out, as a relay does, and write what consumers do."""
        taken: Any = {"$set": {"outbox": []}}
        await self._orders.update_one({"_id": order["_id"]}, taken)
        await self._carts.update_one({"_id": cart["_id"]}, taken)
        for line in cart["lines"]:
            await self._products.update_one({"_id": line["product_id"]}, taken)
            copied = {"title": "Something that is sold", "price": PRICE, "at": utcnow()}
            await self._copies.update_one(
                {"_id": line["product_id"]}, {"$set": copied}, upsert=True
            )
        copied = {name: order[name] for name in ("user_id", "lines", "total", "version")}
        await self._payable.update_one({"_id": order["_id"]}, {"$set": copied}, upsert=True)
        told = [(name, what) for name in (f"user:{cart['_id']}", "admins") for what in TOLD]
        await self._tell([*told, *(("public", "product.updated") for _ in cart["lines"])])

    async def _tell(self, told: Sequence[tuple[str, str]]) -> None:
        """Write messages, each behind its audience's others, and then how far these have come."""
        messages = []
        for audience, what in told:
            self._latest[audience] += 1
            message: Document = {
                "_id": f"{audience}/{self._latest[audience]}",
                "audience": audience,
            }
            message |= {"sequence": self._latest[audience], "event_id": new_id(), "type": what}
            messages.append(message | {"time": utcnow(), "notice": EVENT})
        await self._messages.insert_many(messages)
        raised = [
            UpdateOne(
                {"_id": audience},
                {"$max": {"latest": self._latest[audience]}, "$currentDate": {"raised_at": True}},
                upsert=True,
            )
            for audience in dict(told)
        ]
        await self._audiences.bulk_write(raised, ordered=False)


def _entry() -> Document:
    return {"outbox": {"id": new_id(), "topic": "event", "at": utcnow(), "data": EVENT}}


async def _serve(port: int, *urls: str) -> None:
    databases = [
        AsyncMongoClient[Document](url, **client_options(url)).get_default_database()
        for url in urls
    ]
    shopping = Shopping(*databases)
    await shopping.begin(databases[2]["products"])
    await serve_rpcs(
        port,
        {
            "shop.cart.v1.CartService.AddItem": shopping.add,
            "shop.cart.v1.CartService.Checkout": shopping.check_out,
        },
    )


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1]), *sys.argv[2:]))

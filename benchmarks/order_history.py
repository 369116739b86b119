"""Is the history of a shopper with 2,000 orders shown as fast as that of one with 10?"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from pymongo import AsyncMongoClient

from benchmarks.harness import Bench, Comparison, Person, Shop, Side, at_least, loaded, request
from chassis.clock import utcnow
from chassis.currencies import Money
from chassis.ids import new_id
from chassis.mongo.client import Document, client_options
from svc_orders.model.lines import Item, Line
from svc_orders.model.order import Buyer, OrderStatus, start
from svc_orders.store import ORDERS
from svc_orders.store.documents import order_document

MANY, FEW = 2_000, 10


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The first page of both."""
    shop = await bench.shop()
    many, few = shop.shopper(), shop.shopper()
    await write_orders(shop, many, MANY)
    await write_orders(shop, few, FEW)
    subject, reference = _side(f"of {MANY:,}", shop, many), _side(f"of {FEW}", shop, few)
    return [Comparison(subject, reference, {"requests/s": at_least(1 / 1.5)})]


def _side(name: str, shop: Shop, person: Person) -> Side:
    asked = request(f"{shop.url}/api/orders?pageSize=10", cookies=person.cookies)
    return loaded(f"a page of ten {name}", [[asked]], shop)


async def write_orders(shop: Shop, person: Person, count: int) -> None:
    """Give someone so many orders, all paid long ago."""
    url, now = shop.mongo("orders"), utcnow()
    line, item = Line("p1", 1), Item("p1", "Something that is sold", Money(1999, "USD"), 1)
    orders = [
        replace(
            start(
                *(new_id(), Buyer(person.id, "bench@example.org"), "", (line,), (item,)),
                now=now - timedelta(days=1, minutes=number),
                lease=timedelta(seconds=1),
            ),
            status=OrderStatus.COMPLETED,
            completed_at=now - timedelta(days=1),
            leased_until=None,
            payment_id=new_id(),
        )
        for number in range(count)
    ]
    async with AsyncMongoClient[Document](url, **client_options(url)) as client:
        await client.get_default_database()[ORDERS].insert_many(map(order_document, orders))

"""How many lists of ten orders are shown a second, beside an Express shop and one find?"""

from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison, Express, loaded, request
from benchmarks.order_history import write_orders
from svc_orders.store import ORDERS as COLLECTION

EXPRESS = Express(per_second=199, times=4)
ORDERS = 10
RPC = "shop.orders.v1.OrdersService.ListOrders"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The list of a shopper with ten orders, and raw pymongo that finds them."""
    shop = await bench.shop()
    url, person = f"{shop.url}/api/orders?pageSize={ORDERS}", shop.shopper()
    await write_orders(shop, person, ORDERS)
    ours = [[request(url, cookies=person.cookies)]]
    query = {
        "filter": {"refused": False, "user_id": person.id},
        "projection": {"timeline": 0, "outbox": 0},
        "sort": [("created_at", -1), ("_id", -1)],
        "limit": ORDERS + 1,
    }
    at = ("orders", COLLECTION)
    return EXPRESS.beside(
        loaded("a list of ten orders", ours, shop),
        await bench.same_bytes(url, person.cookies),
        await bench.finding(RPC, url, person.cookies, shop=shop, at=at, query=query),
    )

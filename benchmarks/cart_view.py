"""How many carts of three products are shown a second, beside an Express shop and one find?"""

from collections.abc import Sequence

import httpx

from benchmarks.harness import Bench, Comparison, Express, loaded, request
from benchmarks.harness.load import CONNECTIONS
from svc_cart.model.cart import user_owner
from svc_cart.store.carts import CARTS

EXPRESS = Express(per_second=499, times=3)
PRODUCTS = 3
PATH = "/api/cart"
RPC = "shop.cart.v1.CartService.GetCart"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The carts of 32 shoppers, and raw pymongo that finds one of them."""
    shop = await bench.shop()
    url, products = f"{shop.url}{PATH}", await shop.product_ids(PRODUCTS)
    people = [shop.shopper() for _ in range(CONNECTIONS)]
    async with httpx.AsyncClient(verify=False) as client:
        for person in people:
            for product in products:
                body = {"productId": product, "quantity": 1}
                added = await client.post(f"{url}/add", json=body, cookies=person.cookies)
                added.raise_for_status()
    ours = [[request(url, cookies=person.cookies)] for person in people]
    one = people[0]
    query = {
        "filter": {"owner": user_owner(one.id)},
        "projection": {"outbox": 0, "checkouts": 0},
    }
    return EXPRESS.beside(
        loaded("a cart of three", ours, shop),
        await bench.same_bytes(url, one.cookies),
        await bench.finding(RPC, url, one.cookies, shop=shop, at=("cart", CARTS), query=query),
    )

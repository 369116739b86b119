"""How many products are added to carts a second, beside an Express shop, and a read and a write?

The raw one stands behind bare Starlette and bare gRPC, as the cart does behind the gateway. Each
of 32 shoppers adds eight products, again and again.
"""

from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison, Express, at_least, loaded, request
from benchmarks.harness.load import CONNECTIONS

EXPRESS = Express(per_second=347, times=3)
PRODUCTS = 8
RPC = "shop.cart.v1.CartService.AddItem"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The shop's cart, and the raw one."""
    shop = await bench.shop()
    products = await shop.product_ids(PRODUCTS)
    people = [shop.shopper() for _ in range(CONNECTIONS)]
    raw = await bench.transcoded(
        "shopping",
        *map(shop.mongo, ("cart", "orders", "catalog", "payments", "notify")),
        rpcs=[RPC],
        pids={"mongo": shop.pids["mongo"]},
    )
    wanted = [{"productId": product, "quantity": 1} for product in products]
    ours = [
        [
            request(f"{shop.url}/api/cart/add", method="POST", body=body, cookies=person.cookies)
            for body in wanted
        ]
        for person in people
    ]
    theirs = [
        [
            request(f"{raw.url}/{RPC}", method="POST", body={**body, "guestId": person.id})
            for body in wanted
        ]
        for person in people
    ]
    return EXPRESS.beside(
        loaded("add to the cart", ours, shop),
        await bench.same_bytes(f"{shop.url}/api/cart", people[0].cookies),
        loaded("raw pymongo: a read, a write", theirs, raw),
        at_least(0.60),
    )

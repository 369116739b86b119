"""How many carts of three products are shown a second, beside bare Starlette with the same bytes?

The Express shop that this one is compared with answers 499 a second on a machine on which bare
Starlette answers 17,000. Three times that, on any machine, is the limit.
"""

from collections.abc import Sequence

import httpx

from benchmarks.harness import Bench, Comparison, loaded, request, times_express
from benchmarks.harness.load import CONNECTIONS

EXPRESS, TIMES = 499, 3
PRODUCTS = 3
PATH = "/api/cart"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The carts of 32 shoppers, and the bytes of one."""
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
    reference = await bench.same_bytes(url, people[0].cookies)
    return [
        Comparison(
            loaded("a cart of three", ours, shop),
            reference,
            {"requests/s": times_express(TIMES, EXPRESS)},
        )
    ]

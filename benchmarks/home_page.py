"""How near do the storefront's pages come to bare Starlette with the same bytes?

Guests' pages are the same for all of them and kept at the edge. A page of someone who is signed in
is made each time: who they are and their cart are asked for, and the page is put together.
"""

from collections.abc import Sequence

import httpx

from benchmarks.harness import Bench, Comparison, Shop, at_least, loaded, request
from chassis.ids import new_id

LIMITS = {"requests/s": at_least(0.80)}


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The storefront's first page and that of a product, and their bytes."""
    shop = await bench.shop()
    home = f"{shop.url}/"
    product = f"{shop.url}/products/{(await shop.product_ids(1))[0]}"
    same = await bench.same_bytes(home)
    cookies = await _cookies_of_a_shopper(shop)
    return [
        Comparison(loaded("the home page", [[request(home)]], shop), same, LIMITS),
        Comparison(
            loaded("a product's page", [[request(product)]], shop),
            await bench.same_bytes(product),
            LIMITS,
        ),
        Comparison(
            loaded("the home page, signed in", [[request(home, cookies=cookies)]], shop), same
        ),
    ]


async def _cookies_of_a_shopper(shop: Shop) -> dict[str, str]:
    """The session of a new account."""
    async with httpx.AsyncClient(base_url=shop.url) as client:
        account = {"email": f"{new_id()}@shop.example", "password": new_id(), "name": "Bench"}
        (await client.post("/api/users/signup", json=account)).raise_for_status()
        return dict(client.cookies)

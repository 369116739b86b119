"""How near do a product and a list of 24 come to bare Starlette with the same bytes?

Each is asked for again and again, as the edge cache is meant for.
"""

from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison, at_least, loaded, request

PATHS = {"a product": "/api/products/{id}", "a list of 24": "/api/products?pageSize=24"}


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The answers of the shop's gateway, and the same bytes."""
    shop = await bench.shop()
    product = (await shop.get("/api/products?pageSize=1"))["products"][0]["id"]
    comparisons = []
    for name, path in PATHS.items():
        url = f"{shop.url}{path.format(id=product)}"
        reference = await bench.same_bytes(url)
        subject = loaded(name, [[request(url)]], shop)
        comparisons.append(Comparison(subject, reference, {"requests/s": at_least(0.85)}))
    return comparisons

"""How near do a product and a list of 24 come to bare Starlette with the same bytes?

Each is asked for again and again, as the edge cache is meant for; and behind a gateway that keeps
nothing, where the catalog answers each time: then what is asked differs from what is under way,
since one call would be for all who ask the same.
"""

from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison, at_least, loaded, request
from benchmarks.harness.bench import SIZES

UNCACHED = 100
LIST = "/api/products?pageSize="


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The answers of the shop's gateway, and the same bytes."""
    shop = await bench.shop()
    uncached = await bench.without_cache(shop)
    products = [f"/api/products/{each}" for each in await shop.product_ids(UNCACHED)]
    asked = {
        "a product": (products[0], products),
        "a list of 24": (f"{LIST}24", [f"{LIST}{size}" for size in SIZES]),
    }
    comparisons = []
    for name, (path, paths) in asked.items():
        reference = await bench.same_bytes(f"{shop.url}{path}")
        kept = loaded(name, [[request(f"{shop.url}{path}")]], shop)
        all_of_them = [request(f"{uncached.url}{each}") for each in paths]
        comparisons += [
            Comparison(kept, reference, {"requests/s": at_least(0.85)}),
            Comparison(loaded(f"{name}, uncached", [all_of_them], uncached), reference),
        ]
    return comparisons

"""Does the catalogue of 20,000 products answer as fast as one of 1,000, without the edge cache?

Pages of 9 to 40 products are asked for in turn, since one call is for all who ask the same.
"""

from collections.abc import Sequence
from urllib.parse import quote

from benchmarks.harness import Bench, Comparison, Shop, Side, at_least, loaded, request
from benchmarks.harness.bench import SIZES

LARGE = 20_000
QUERIES = {
    "the newest": "",
    "a category": "&category=Lighting",
    "the cheapest": "&sort=price",
    "a search": f"&q={quote('amber lamp')}",
    "a search in a category": "&q=lamp&category=Dining",
}


async def compare(bench: Bench) -> Sequence[Comparison]:
    """Each list of the large catalogue beside that of the usual one."""
    large = await bench.without_cache(await bench.shop(LARGE))
    usual = await bench.without_cache(await bench.shop())
    return [
        Comparison(
            _side(f"{name}, of {LARGE:,}", large, query),
            _side("of 1,000", usual, query),
            {"requests/s": at_least(0.5)},
        )
        for name, query in QUERIES.items()
    ]


def _side(name: str, shop: Shop, query: str) -> Side:
    asked = [request(f"{shop.url}/api/products?pageSize={size}{query}") for size in SIZES]
    return loaded(name, [asked], shop)

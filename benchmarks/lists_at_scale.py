"""Does the catalogue of 20,000 products answer as fast as one of 1,000, without the edge cache?"""

from collections.abc import Sequence
from urllib.parse import quote

from benchmarks.harness import Bench, Comparison, Shop, Side, at_least, loaded, request

LARGE = 20_000
QUERIES = {
    "the newest": "",
    "a category": "&category=Lighting",
    "the cheapest": "&sort=price",
    "a search": f"&q={quote('amber lamp')}",
    "a search in a category": "&q=lamp&category=Lighting",
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
    return loaded(name, [[request(f"{shop.url}/api/products?pageSize=24{query}")]], shop)

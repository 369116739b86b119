"""How many searches with a category are answered a second, beside an Express shop and one find?

Once by the edge cache, which is asked the same again and again; and once by a gateway that keeps
nothing, which is asked for pages of 9 to 40 products in turn, since one call would be for all who
ask the same, and by few, since the stand-in for MongoDB looks at all products for each. The Express
shop keeps nothing, and the find reads one of the levels of relevance alone.
"""

from collections.abc import Sequence

from benchmarks.harness import (
    Bench,
    Comparison,
    Express,
    Sample,
    Side,
    load,
    loaded,
    request,
    settled,
)
from benchmarks.harness.bench import SIZES
from svc_catalog.store.documents import COLLECTION, PROJECTION

EXPRESS = Express(per_second=376, times=35)
FEW = 4
WORD, CATEGORY, SIZE = "lamp", "Dining", 24
PATH = f"/api/products?q={WORD}&category={CATEGORY}&pageSize="
RPC = "shop.catalog.v1.CatalogService.ListProducts"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The answers of the shop's gateway, kept or not, and raw pymongo that finds the products."""
    shop = await bench.shop()
    # A catalogue that has just started answers late.
    await settled(shop)
    without = await bench.without_cache(shop)
    url = f"{shop.url}{PATH}{SIZE}"
    query = {
        "filter": {"deleted": False, "category": CATEGORY, "main_terms": WORD},
        "projection": dict(PROJECTION),
        "sort": [("created_at", -1), ("_id", -1)],
        "limit": SIZE + 1,
    }
    asked = [request(f"{without.url}{PATH}{size}") for size in SIZES]

    async def measure(seconds: float) -> Sample:
        return await load(without.url, [asked], seconds, connections=FEW)

    uncached = Side("a search, uncached", measure, without.pids)
    floor = await bench.finding(RPC, url, shop=shop, at=("catalog", COLLECTION), query=query)
    compared = EXPRESS.beside(
        loaded("a search", [[request(url)]], shop), await bench.same_bytes(url), floor
    )
    express_shop = compared[0].reference
    return [*compared, Comparison(uncached, express_shop), Comparison(uncached, floor)]

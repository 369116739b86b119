"""How much more do two processes of the gateway and two of each service answer than one?

On a machine of two cores that the load, the databases and all others share, two processes have
little room: what is asked is whether they are in each other's way. More cores tell more.
"""

from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison, Shop, Side, at_least, loaded, request
from benchmarks.harness.load import CONNECTIONS

LAMP, SIGNED_IN = "/api/products/{}", "/api/payments/config"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """What is kept, and a signed-in call, of a shop with twice the processes and of one without."""
    one = await bench.shop()
    folder = bench.folder / "two-of-each"
    two = await bench.start_shop(folder, bench.stack, workers=2, replicas=2)
    return [
        Comparison(await _kept(two, "2"), await _kept(one, "1"), {"requests/s": at_least(1)}),
        Comparison(_signed_in(two, "2"), _signed_in(one, "1"), {"requests/s": at_least(1)}),
    ]


async def _kept(shop: Shop, number: str) -> Side:
    product = (await shop.get("/api/products?pageSize=1"))["products"][0]["id"]
    asked = request(f"{shop.url}{LAMP.format(product)}")
    return loaded(f"a product, {number} of each", [[asked]], shop)


def _signed_in(shop: Shop, number: str) -> Side:
    people = [shop.shopper() for _ in range(CONNECTIONS)]
    asked = [[request(f"{shop.url}{SIGNED_IN}", cookies=person.cookies)] for person in people]
    return loaded(f"a signed-in call, {number} of each", asked, shop)

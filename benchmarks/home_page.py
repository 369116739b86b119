"""How near does the home page for a guest come to bare Starlette with the same bytes?"""

from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison, at_least, loaded, request


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The storefront's first page, and its bytes."""
    shop = await bench.shop()
    url = f"{shop.url}/"
    reference = await bench.same_bytes(url)
    subject = loaded("the home page", [[request(url)]], shop)
    return [Comparison(subject, reference, {"requests/s": at_least(0.80)})]

"""What do traces cost: a shop with a hundredth of them exported, as by default, beside one without?

Products are asked for behind gateways that keep no answers; carts are added to, and checked out.
Spans go to what takes any request, and are sent as by default.
"""

from collections.abc import Sequence

from benchmarks.harness import (
    Bench,
    Comparison,
    Sample,
    Shop,
    Side,
    at_least,
    load,
    request,
    settled,
)
from benchmarks.harness.catalogue import fill
from benchmarks.harness.load import CONNECTIONS
from chassis.ids import new_id

PRODUCTS = 1_000
ASKED = 24
# More than there will be; one who comes again replaces the order that waits.
FLOWS_A_SECOND = 200
RATIO = "0.01"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """Both shops, with the same data and as busy."""
    receiver = await bench.reference("plain_text")
    settings = {"OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url, "OTEL_TRACES_SAMPLER_ARG": RATIO}
    return await what_it_costs(bench, (settings, "traced"), ({}, "not traced"))


async def what_it_costs(
    bench: Bench, with_it: tuple[dict[str, str], str], without: tuple[dict[str, str], str]
) -> Sequence[Comparison]:
    """A shop with settings that have it see more of itself, beside one without; and their names."""
    more, less = [
        await _sides(bench, await _shop(bench, given), name) for given, name in (with_it, without)
    ]
    limits = [{"requests/s": at_least(0.95)}] * 2 + [{"flows/s": at_least(0.95)}]
    return [Comparison(*each) for each in zip(more, less, limits, strict=True)]


async def _shop(bench: Bench, settings: dict[str, str]) -> Shop:
    data = bench.folder / f"shop-{new_id()}"
    await fill(data, PRODUCTS)
    return await bench.start_shop(data, bench.stack, settings={**settings, "EDGE_CACHE_BYTES": "0"})


async def _sides(bench: Bench, shop: Shop, name: str) -> list[Side]:
    products = await shop.product_ids(ASKED)
    people = [shop.shopper() for _ in range(CONNECTIONS)]

    def add(product: str, cookies: dict[str, str]) -> bytes:
        body = {"productId": product, "quantity": 1}
        return request(f"{shop.url}/api/cart/add", method="POST", body=body, cookies=cookies)

    def check_out(cookies: dict[str, str]) -> bytes:
        return request(f"{shop.url}/api/cart/checkout", method="POST", body={}, cookies=cookies)

    async def read(seconds: float) -> Sample:
        return await load(
            shop.url, [[request(f"{shop.url}/api/products/{each}") for each in products]], seconds
        )

    async def fill_carts(seconds: float) -> Sample:
        scripts = [[add(product, person.cookies) for product in products[:8]] for person in people]
        return await load(shop.url, scripts, seconds)

    async def buy(seconds: float) -> Sample:
        each = max(1, int(seconds * FLOWS_A_SECOND / CONNECTIONS))
        scripts = []
        for number in range(CONNECTIONS):
            script = []
            for turn in range(each):
                cookies = shop.shopper().cookies
                script += [add(products[(number + turn) % ASKED], cookies), check_out(cookies)]
            scripts.append(script)
        bought = await load(shop.url, scripts, seconds, unit="flows", each=2)
        # What it has left to do is not to slow down what is measured next.
        await settled(shop)
        return bought

    asked = {"a product, uncached": read, "add to the cart": fill_carts, "add + checkout": buy}
    return [Side(f"{what}, {name}", measure, shop.pids) for what, measure in asked.items()]

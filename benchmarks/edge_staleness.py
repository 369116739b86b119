"""How long after a change is acknowledged does another gateway tell what was before?

An admin changes a product at one gateway, and someone asks another one for it, which has kept it,
until the answer tells of the change. What counts is when the first such answer was asked for.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from itertools import cycle
from typing import Any

import httpx

from benchmarks.harness import Bench, Comparison, Sample, Side, at_most, loaded, request, settled
from benchmarks.harness.comparison import percentile
from chassis.ids import new_id

# More than are changed within a second: what has just changed is kept for a second only.
PRODUCTS = 100
CHANGES_A_SECOND = 20
LIST = "/api/products?pageSize=24"
# What never changes, so the gateway is always ready with it.
CONFIG = "/api/catalog/config"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """A product, a list of the newest, and a product while all that the gateway can is asked."""
    shop = await bench.shop()
    elsewhere = await bench.another_gateway(shop)
    await settled(shop)
    admin, guest = [
        await bench.stack.enter_async_context(httpx.AsyncClient(base_url=each.url, timeout=30))
        for each in (shop, elsewhere)
    ]
    login = shop.ready["logins"]["admin"]
    (await admin.post("/api/users/signin", json=login)).raise_for_status()
    products = cycle(await shop.product_ids(PRODUCTS))
    newest = (await shop.get(LIST))["products"][0]["id"]

    async def product() -> float:
        return await _staleness(admin, guest, each := next(products), f"/api/products/{each}")

    async def listed() -> float:
        return await _staleness(admin, guest, newest, LIST)

    load = loaded("load", [[request(f"{elsewhere.url}{CONFIG}")]], elsewhere)

    async def measure_under_load(seconds: float) -> Sample:
        changes = asyncio.create_task(_measured(product)(seconds))
        while not changes.done():
            await load.measure(seconds)
        return await changes

    measured = {
        "a product elsewhere": _measured(product),
        "a list elsewhere": _measured(listed),
        "a product elsewhere, under load": measure_under_load,
    }
    pids = {**shop.pids, "gateway elsewhere": elsewhere.pids["gateway"]}
    return [
        Comparison(Side(name, measure, pids), limits={"p99 ms": at_most(250)})
        for name, measure in measured.items()
    ]


def _measured(
    once: Callable[[], Awaitable[float]],
) -> Callable[[float], Coroutine[Any, Any, Sample]]:
    async def measure(seconds: float) -> Sample:
        count = max(1, int(seconds * CHANGES_A_SECOND))
        took = [await once() for _ in range(count)]
        return Sample({"p50 ms": percentile(took, 50), "p99 ms": percentile(took, 99)}, count)

    return measure


async def _staleness(
    admin: httpx.AsyncClient, guest: httpx.AsyncClient, product: str, path: str
) -> float:
    """Milliseconds from the acknowledgement of a change to the first question answered by it."""
    title = f"Changed {new_id()}"
    (await guest.get(path)).raise_for_status()
    changed = await admin.patch(f"/api/products/{product}", json={"title": title})
    acknowledged = time.perf_counter()
    changed.raise_for_status()
    while True:
        asked = time.perf_counter()
        if title in (await guest.get(path)).text:
            return (asked - acknowledged) * 1000

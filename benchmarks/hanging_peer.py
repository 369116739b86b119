"""What does a page cost while a service that it asks hangs, with circuit breakers and without?

A service is stopped by SIGSTOP: its connections are open, and nothing answers. Someone who is
signed in asks for a page again and again, of a gateway that keeps no answers. The first pages wait
for as long as a call that reads may take, until the circuit opens.
"""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx

from benchmarks.harness import Bench, Comparison, Sample, Shop, Side, at_most
from benchmarks.harness.comparison import percentile

# Without circuit breakers a page takes seconds.
MOST_ROUNDS = 2
PAGES_A_SECOND = 10
WELL_SECONDS = 30.0
# As many as open a circuit.
FIRST = 3
LIMIT_MS = 300.0

# What hangs -> what is asked: pages, and routes of the API where no page needs it.
ASKED = {
    "svc_catalog": ("a product's page", "/products/{product}"),
    "svc_cart": ("the home page", "/"),
    "svc_payments": ("the settings to pay with", "/api/payments/config"),
    "svc_notify": ("the inbox", "/api/notifications"),
}


async def compare(bench: Bench) -> Sequence[Comparison]:
    """Each service, of a gateway with circuit breakers and of one without."""
    shop = await bench.shop()
    product = (await shop.product_ids(1))[0]
    gateways = {
        "with circuit breakers": await bench.without_cache(shop),
        "without": await bench.another_gateway(
            shop, EDGE_CACHE_BYTES="0", CIRCUIT_BREAKER_FAILURES="0"
        ),
    }
    comparisons = []
    for service, (what, path) in ASKED.items():
        for how, gateway in gateways.items():
            measure = _measured(gateway, service, path.format(product=product))
            limits = {"then max ms": at_most(LIMIT_MS)} if how != "without" else {}
            side = Side(f"{what}, {service} hanging, {how}", measure, warms_up=False)
            comparisons.append(Comparison(side, limits=limits))
    return comparisons


def _measured(
    gateway: Shop, service: str, path: str
) -> Callable[[float], Coroutine[Any, Any, Sample]]:
    async def measure(seconds: float) -> Sample:
        cookies = gateway.shopper().cookies
        async with httpx.AsyncClient(base_url=gateway.url, cookies=cookies, timeout=30) as client:

            async def took() -> float:
                began = time.perf_counter()
                await client.get(path)
                return (time.perf_counter() - began) * 1000

            before = [await took() for _ in range(FIRST)]
            async with _hanging(gateway.pids[service]):
                first = [await took() for _ in range(FIRST)]
                until = time.monotonic() + seconds
                then = [await took()]
                while time.monotonic() < until:
                    await asyncio.sleep(1 / PAGES_A_SECOND)
                    then.append(await took())
            await _well(client, path)
        return Sample(
            {
                "before ms": percentile(before, 50),
                "first max ms": max(first),
                "then p50 ms": percentile(then, 50),
                "then max ms": max(then),
            },
            len(then),
        )

    return measure


@asynccontextmanager
async def _hanging(pid: int) -> AsyncIterator[None]:
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def _well(client: httpx.AsyncClient, path: str) -> None:
    """Return when all is as it was.

    Raises:
        TimeoutError: It takes too long.
    """
    until = time.monotonic() + WELL_SECONDS
    while (await client.get(path)).status_code != 200:
        if time.monotonic() > until:
            raise TimeoutError(path)
        await asyncio.sleep(1 / PAGES_A_SECOND)

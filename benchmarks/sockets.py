"""What do 5,000 sockets on one gateway hold, and how soon has the last of them a broadcast?

A product is added, of which all hear. The bare broadcast is one loop over as many sockets.
"""

import time
from collections.abc import Awaitable, Callable, Sequence

import httpx

from benchmarks.harness import Bench, Comparison, Reference, Sample, Shop, Side, at_most, settled
from benchmarks.harness.sockets import Socket, all_heard, open_sockets
from benchmarks.harness.usage import memory
from chassis.ids import new_id

SOCKETS = 5_000
# "ready", by which the gateway greets.
GREETINGS = 1


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The gateway, and a bare WebSocket server."""
    shop, bare = await bench.shop(), await bench.reference("broadcast")
    await settled(shop)
    client = await bench.stack.enter_async_context(httpx.AsyncClient(timeout=30))
    login = shop.ready["logins"]["admin"]
    (await client.post(f"{shop.url}/api/users/signin", json=login)).raise_for_status()
    session = {"Cookie": f"session={client.cookies['session']}"}

    async def add_product() -> None:
        product = {"title": f"Heard of {new_id()}", "category": "Heard", "quantity": 1}
        product["price"] = {"amountMinor": 1000, "currency": "USD"}
        url = f"{shop.url}/api/products"
        (await client.post(url, json=product, headers=session)).raise_for_status()

    async def broadcast() -> None:
        (await client.get(f"{bare.url}/broadcast")).raise_for_status()

    limits = {"kB a socket": at_most(15), "s until all have it": at_most(0.5)}
    subject = await _side(bench, shop, "gateway", GREETINGS, add_product)
    reference = await _side(bench, bare, "broadcast", 0, broadcast)
    # Both are judged as they are: what counts is what a socket holds, and how long all wait.
    return [Comparison(subject, limits=limits), Comparison(reference)]


async def _side(
    bench: Bench,
    server: Shop | Reference,
    name: str,
    texts: int,
    tell: Callable[[], Awaitable[None]],
) -> Side:
    before = memory(server.pids)[name].rss
    sockets: Sequence[Socket] = await open_sockets(server.url, SOCKETS)
    for socket in sockets:
        bench.stack.callback(socket.close)
    await all_heard(sockets, texts)
    held = (memory(server.pids)[name].rss - before) * 1024 / SOCKETS
    heard = texts

    async def measure(_: float) -> Sample:
        nonlocal heard
        heard += 1
        began = time.perf_counter()
        await tell()
        answered = time.perf_counter()
        first, last = await all_heard(sockets, heard)
        return Sample(
            {
                "kB a socket": held,
                "s until all have it": last - (answered if texts else began),
                "s from the first to the last": last - first,
            }
        )

    return Side(f"{SOCKETS:,} sockets, {name}", measure, server.pids)

"""How many shoppers add and check out a second, beside an Express shop, and the same writes?

An order is written, its stock is reserved, and its events wait in outboxes, which are emptied; and
what their consumers write is written: copies in other services, and messages for people. Each time
a new shopper, one of 32 at a time, adds a product and checks out. The raw one stands behind bare
Starlette and bare gRPC.
"""

from collections.abc import Callable, Sequence

from benchmarks.harness import (
    Bench,
    Comparison,
    Express,
    Reference,
    Sample,
    Shop,
    Side,
    at_least,
    load,
    request,
)
from benchmarks.harness.load import CONNECTIONS

EXPRESS = Express(per_second=73, times=2, unit="flows")
PRODUCTS = 24
# More than there will be; one who comes again replaces the order that waits.
FLOWS_A_SECOND = 500
ADD, CHECKOUT = (f"shop.cart.v1.CartService.{name}" for name in ("AddItem", "Checkout"))


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The shop, and raw pymongo."""
    shop = await bench.shop()
    products = await shop.product_ids(PRODUCTS)
    raw = await bench.transcoded(
        "shopping",
        *map(shop.mongo, ("cart", "orders", "catalog", "payments", "notify")),
        rpcs=[ADD, CHECKOUT],
        pids={"mongo": shop.pids["mongo"]},
    )

    def ours(product: str) -> list[bytes]:
        cookies = shop.shopper().cookies
        body = {"productId": product, "quantity": 1}
        return [
            request(f"{shop.url}/api/cart/add", method="POST", body=body, cookies=cookies),
            request(f"{shop.url}/api/cart/checkout", method="POST", body={}, cookies=cookies),
        ]

    def theirs(product: str) -> list[bytes]:
        whose = {"guestId": shop.shopper().id}
        body = {"productId": product, "quantity": 1, **whose}
        return [
            request(f"{raw.url}/{ADD}", method="POST", body=body),
            request(f"{raw.url}/{CHECKOUT}", method="POST", body=whose),
        ]

    def side(name: str, server: Shop | Reference, flow: Callable[[str], list[bytes]]) -> Side:
        async def measure(seconds: float) -> Sample:
            each = max(1, int(seconds * FLOWS_A_SECOND / CONNECTIONS))
            scripts = [
                [
                    asked
                    for turn in range(each)
                    for asked in flow(products[(number + turn) % PRODUCTS])
                ]
                for number in range(CONNECTIONS)
            ]
            return await load(server.url, scripts, seconds, unit="flows", each=2)

        return Side(name, measure, server.pids)

    return EXPRESS.beside(
        side("add + checkout", shop, ours),
        await bench.same_bytes(f"{shop.url}/api/cart"),
        side("raw pymongo: the same writes", raw, theirs),
        at_least(0.45),
    )

"""How many lists of ten orders are shown a second, beside bare Starlette with the same bytes?

The Express shop that this one is compared with answers 199 a second on a machine on which bare
Starlette answers 17,000. Four times that, on any machine, is the limit.
"""

from collections.abc import Sequence

from benchmarks.harness import Bench, Comparison, loaded, request, times_express
from benchmarks.order_history import write_orders

EXPRESS, TIMES = 199, 4
ORDERS = 10


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The list of a shopper with ten orders, and its bytes."""
    shop = await bench.shop()
    url, person = f"{shop.url}/api/orders?pageSize={ORDERS}", shop.shopper()
    await write_orders(shop, person, ORDERS)
    ours = [[request(url, cookies=person.cookies)]]
    reference = await bench.same_bytes(url, person.cookies)
    return [
        Comparison(
            loaded("a list of ten orders", ours, shop),
            reference,
            {"requests/s": times_express(TIMES, EXPRESS)},
        )
    ]

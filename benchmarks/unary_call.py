"""How near does a call of a signed-in user come to bare Starlette in front of bare gRPC?

The call needs no database, so it is identity, the look-up of its revocation, validation, and HTTP
turned into gRPC and back. The reference gives the same answer to anyone.
"""

from collections.abc import Sequence

import httpx

from benchmarks.harness import Bench, Comparison, at_least, loaded, request
from benchmarks.harness.load import CONNECTIONS

PATH = "/api/payments/config"
RPC = "shop.payments.v1.PaymentsService.GetPaymentConfig"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The gateway with a service behind it, and the bare ones."""
    shop = await bench.shop()
    people = [shop.shopper() for _ in range(CONNECTIONS)]
    async with httpx.AsyncClient(base_url=shop.url, cookies=people[0].cookies) as client:
        answer = (await client.get(PATH)).raise_for_status().text
    bare = await bench.transcoded("constant", f"{RPC}={answer}", rpcs=[RPC], pids={})
    ours = [[request(f"{shop.url}{PATH}", cookies=person.cookies)] for person in people]
    return [
        Comparison(
            loaded("a signed-in call", ours, shop),
            loaded("bare Starlette and gRPC", [[request(f"{bare.url}/{RPC}")]], bare),
            {"requests/s": at_least(0.70)},
        )
    ]

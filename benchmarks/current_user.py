"""Who is signed in: how many answers a second, beside bare Starlette with the same bytes?

The Express shop that this one is compared with answers 399 a second on a machine on which bare
Starlette answers 17,000. Four times that, on any machine, is the limit.
"""

from collections.abc import Sequence

import httpx

from benchmarks.harness import Bench, Comparison, loaded, request, times_express

EXPRESS, TIMES = 399, 4
PATH = "/api/users/currentuser"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The gateway and svc_auth, which reads the account, and the same bytes."""
    shop = await bench.shop()
    url, login = f"{shop.url}{PATH}", shop.ready["logins"]["shopper"]
    async with httpx.AsyncClient(verify=False) as client:
        (await client.post(f"{shop.url}/api/users/signin", json=login)).raise_for_status()
        cookies = {"session": client.cookies["session"]}
    ours = [[request(url, cookies=cookies)]]
    reference = await bench.same_bytes(url, cookies)
    return [
        Comparison(
            loaded("who is signed in", ours, shop),
            reference,
            {"requests/s": times_express(TIMES, EXPRESS)},
        )
    ]

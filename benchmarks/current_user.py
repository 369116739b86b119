"""Who is signed in: how many answers a second, beside an Express shop and beside one find?"""

from collections.abc import Sequence

import httpx

from benchmarks.harness import Bench, Comparison, Express, loaded, request

EXPRESS = Express(per_second=399, times=4)
PATH = "/api/users/currentuser"
RPC = "shop.auth.v1.AuthService.GetCurrentUser"


async def compare(bench: Bench) -> Sequence[Comparison]:
    """The gateway and svc_auth, which reads the account, and raw pymongo that finds it."""
    shop = await bench.shop()
    url, login = f"{shop.url}{PATH}", shop.ready["logins"]["shopper"]
    async with httpx.AsyncClient(verify=False) as client:
        (await client.post(f"{shop.url}/api/users/signin", json=login)).raise_for_status()
        cookies = {"session": client.cookies["session"]}
        user = (await client.get(url, cookies=cookies)).raise_for_status().json()["currentUser"]
    ours = [[request(url, cookies=cookies)]]
    query = {"filter": {"_id": user["id"]}, "projection": {"grams": 0, "search": 0}}
    return EXPRESS.beside(
        loaded("who is signed in", ours, shop),
        await bench.same_bytes(url, cookies),
        await bench.finding(RPC, url, cookies, shop=shop, at=("auth", "users"), query=query),
    )

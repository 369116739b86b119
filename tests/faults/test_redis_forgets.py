"""A Redis that loses all it was told admits nobody who was sent away."""

import httpx
from redis import Redis

from tests.faults.processes import Processes
from tests.support.people import Admin, Shop, Shopper, eventually, ok


def test_who_was_signed_out_or_blocked_stays_out(
    shop: Shop, processes: Processes, shopper: Shopper, another_shopper: Shopper, admin: Admin
) -> None:
    gone = httpx.Cookies(shopper.client.cookies)
    assert shopper.client.post("/api/users/signout", json={}).status_code == 204
    blocked = another_shopper.user["id"]
    ok(admin.client.post(f"/api/users/admin/users/{blocked}/block", json={}))
    # Its heartbeat was written before; so without one nothing of it is taken for whole.
    with Redis.from_url(processes.redis_url) as redis, httpx.Client(base_url=shop.url) as thief:
        redis.flushall()
        seen: list[int] = []

        def admin_is_back() -> bool:
            for cookies in (gone, another_shopper.client.cookies):
                thief.cookies = httpx.Cookies(cookies)
                seen.append(thief.get("/api/orders").status_code)
            ok(thief.get("/api/products"))
            return admin.client.get("/api/orders").status_code == 200

        eventually(admin_is_back)
        admin_is_back()
    assert set(seen) <= {401, 503}
    assert seen[-2:] == [401, 401]

from typing import Any

import httpx
import pytest
from prometheus_client import REGISTRY
from shop.catalog.v1 import catalog_pb2

from chassis.rpc.status import retry_info
from gateway.rate_limits import parse_policy
from tests.unit.gateway.fakes import World, make_world, refused

pytestmark = pytest.mark.anyio

SIGN_IN = {"email": "ann@shop.test", "password": "a password"}


def limited(rules: str, **settings: Any) -> World:
    return make_world(rate_limits=parse_policy(rules), **settings)


async def statuses(client: httpx.AsyncClient, times: int, **request: Any) -> list[int]:
    values = {"method": "GET", "url": "/api/users/currentuser"} | request
    return [(await client.request(**values)).status_code for _ in range(times)]


async def test_once_too_often_is_refused_and_says_when_to_come_again() -> None:
    world = limited("read session 3/hour")
    world.verifier.knows("ann", id="u1", session_id="s1")
    async with world.client(cookies={"session": "ann"}) as client:
        for left in (2, 1, 0):
            response = await client.get("/api/users/currentuser")
            assert response.status_code == 200
            assert response.headers["ratelimit-limit"] == "3"
            assert response.headers["ratelimit-remaining"] == str(left)
        response = await client.get("/api/users/currentuser")
    assert response.status_code == 429
    problem = response.json()
    assert problem["reason"] == "RATE_LIMITED"
    assert problem["detail"] == "At most 3 such calls may be made in one session in one hour."
    assert 1 <= int(response.headers["retry-after"]) <= 3600
    assert response.headers["ratelimit-reset"] == response.headers["retry-after"]
    assert len(world.calls.made) == 3


async def test_what_is_refused_is_counted() -> None:
    def refusals() -> float:
        labels = {"class": "read", "by": "network"}
        return REGISTRY.get_sample_value("rate_limited_requests_total", labels) or 0.0

    before = refusals()
    async with limited("read network 1/hour").client() as client:
        assert await statuses(client, 3) == [200, 429, 429]
    assert refusals() == before + 2


async def test_sessions_of_one_account_share_its_limit_and_no_one_elses() -> None:
    world = limited("read account 2/hour")
    world.verifier.knows("laptop", id="u1", session_id="s1")
    world.verifier.knows("phone", id="u1", session_id="s2")
    world.verifier.knows("other", id="u2", session_id="s3")
    async with world.client() as client:
        for token, status in (("laptop", 200), ("phone", 200), ("laptop", 429), ("other", 200)):
            client.cookies.set("session", token)
            assert await statuses(client, 1) == [status]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2:bbbb::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
    ],
)
async def test_guests_are_counted_by_their_network(one: str, other: str, is_same: bool) -> None:
    world = limited("read network 1/hour", trusted_proxies=["203.0.113.9"])
    async with world.client() as client:
        assert await statuses(client, 1, headers={"x-forwarded-for": one}) == [200]
        wanted = [429] if is_same else [200]
        assert await statuses(client, 1, headers={"x-forwarded-for": other}) == wanted


async def test_an_address_that_anyone_could_write_counts_for_nothing() -> None:
    world = limited("read network 1/hour")
    async with world.client() as client:
        assert await statuses(client, 1, headers={"x-forwarded-for": "203.0.113.7"}) == [200]
        assert await statuses(client, 1, headers={"x-forwarded-for": "203.0.113.8"}) == [429]


async def test_each_class_has_limits_of_its_own() -> None:
    world = limited("sign_in network 2/hour; sign_up network 1/hour")
    sign_in = {"method": "POST", "url": "/api/users/signin", "json": SIGN_IN}
    async with world.client() as client:
        assert await statuses(client, 3, **sign_in) == [200, 200, 429]
        assert await statuses(client, 2, **sign_in | {"url": "/api/users/signup"}) == [201, 429]
        assert await statuses(client, 5) == [200] * 5


async def test_a_refused_caller_has_nothing_read_or_done() -> None:
    world = limited("write network 1/hour")
    add = {"method": "POST", "url": "/api/cart/add", "json": {"productId": "p", "quantity": 1}}
    async with world.client() as client:
        assert await statuses(client, 2, **add) == [200, 429]
        # It is refused before its body is looked at.
        assert await statuses(client, 1, **add | {"json": {"quantity": "many"}}) == [429]
    assert len(world.calls.made) == 1


async def test_who_signs_what_it_sends_is_not_limited() -> None:
    world = limited("write network 1/hour; read network 1/hour")
    webhook = {"method": "POST", "url": "/api/payments/webhook", "content": b"{}"}
    async with world.client() as client:
        assert 429 not in await statuses(client, 3, **webhook)


async def test_what_is_kept_for_all_tells_nothing_of_one_callers_limits() -> None:
    world = limited("")
    product = catalog_pb2.Product(id="p1", title="Lamp", version=1)
    world.calls.answers["GetProduct"] = lambda _: catalog_pb2.GetProductResponse(product=product)
    async with world.client() as client:
        for _ in range(2):
            response = await client.get("/api/products/p1")
            assert response.status_code == 200
            assert "ratelimit-limit" not in response.headers


async def test_limits_can_be_switched_off() -> None:
    world = limited("off")
    async with world.client() as client:
        response = await client.get("/api/users/currentuser")
    assert "ratelimit-limit" not in response.headers


async def test_a_service_that_limits_says_when_to_come_again() -> None:
    world = limited("off")
    world.calls.answers["SignIn"] = refused("RATE_LIMITED", details=[retry_info(90)])
    async with world.client() as client:
        response = await client.post("/api/users/signin", json=SIGN_IN)
    assert (response.status_code, response.headers["retry-after"]) == (429, "90")


@pytest.mark.parametrize(
    "raw",
    [
        "read", "read session", "read session often", "read nobody 3/minute", "cook session 3/hour",
        "read session 0/hour", "read session -3/hour", "off; read session 3/hour",
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_read(raw: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - settings add the words
        parse_policy(raw)


def test_rules_take_the_place_of_the_defaults() -> None:
    policy = parse_policy("sign_up  network 7/2 hour;")
    rule = policy["sign_up", "network"]
    assert (rule.amount, rule.get_expiry()) == (7, 7200)
    assert policy["read", "session"] == parse_policy("")["read", "session"]

"""What is kept at the edge, as clients see it: whom it is answered to, for how long, and how."""

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import httpx
import pytest
from shop.catalog.v1 import catalog_pb2, events_pb2
from shop.orders.v1 import orders_pb2

from chassis.kafka.follower import Published
from gateway.cache.entry import Asked, Entry, RawResponse
from gateway.cache.store import BLIND_SECONDS
from tests.support.clock import FakeSeconds
from tests.unit.gateway.fakes import FakeCalls, HeldCalls, World, make_world, refused, rpc_error
from tests.unit.gateway.live_clients import running

pytestmark = pytest.mark.anyio

ADMIN = {"authorization": "Bearer t0k3n"}
LAMP, LAMPS = "/api/products/p1", "/api/products"
CODINGS = ("", "identity", "gzip", "br")


class Shop:
    """A catalog with one product, which counts how often it is asked."""

    def __init__(self, calls: FakeCalls) -> None:
        self.calls = calls
        self.version = 1
        calls.answers["GetProduct"] = lambda request: catalog_pb2.GetProductResponse(
            product=self.product(request.product_id)
        )
        calls.answers["ListProducts"] = lambda _: catalog_pb2.ListProductsResponse(
            products=[self.product("p1")]
        )
        for name in ("UpdateProduct", "EditProduct", "DeleteProduct", "CreateProduct"):
            calls.answers[name] = self.changing(name)

    def product(self, product_id: str) -> catalog_pb2.Product:
        return catalog_pb2.Product(id=product_id, version=self.version, description="long " * 200)

    def changing(self, name: str) -> Callable[[Any], Any]:
        def change(_: Any) -> Any:
            self.version += 1
            return getattr(catalog_pb2, f"{name}Response")()

        return change

    @property
    def asked(self) -> int:
        return sum(made.path.endswith(("/GetProduct", "/ListProducts")) for made in self.calls.made)


@pytest.fixture
def shop(world: World, clock: FakeSeconds) -> Shop:
    return Shop(world.calls)


async def version(client: httpx.AsyncClient, **headers: str) -> int:
    response = await client.get(LAMP, headers=headers)
    number: int = response.json()["product"]["version"]
    return number


async def test_the_same_for_everyone_is_asked_for_once(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    first = await client.get(LAMPS)
    for headers in ({}, ADMIN, {"cookie": "session=t0k3n; cart=c1"}, {"user-agent": "x"}):
        again = await client.get(LAMPS, headers=headers)
        assert again.content == first.content
    assert shop.asked == 1


async def test_what_makes_it_has_nothing_of_the_caller(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    await client.get(LAMP, headers={**ADMIN, "cookie": "session=x", "x-forwarded-for": "1.2.3.4"})
    assert set(shop.calls.last.metadata) == {"x-request-id"}


async def test_each_answer_has_an_id_of_its_own(shop: Shop, client: httpx.AsyncClient) -> None:
    ids = [(await client.get(LAMP)).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3
    given = await client.get(LAMP, headers={"x-request-id": "mine"})
    assert given.headers.get_list("x-request-id") == ["mine"]
    bad = await client.get(LAMP, headers={"x-request-id": "<bad>"})
    assert len(bad.headers["x-request-id"]) == 26


async def test_what_is_kept_has_the_headers_of_what_is_made() -> None:
    kept, unkept = make_world(), make_world(edge_cache_bytes=0)
    found: list[dict[str, str]] = []
    for world in (kept, unkept):
        shop = Shop(world.calls)
        async with world.client() as client:
            for _ in range(2):
                response = await client.get(LAMP, headers={"x-request-id": "r"})
                found.append(dict(response.headers))
        assert shop.asked == (1 if world is kept else 2)
    assert found[0] == found[1] == found[2] == found[3]
    assert found[0]["cache-control"] == "no-cache"
    assert found[0]["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


async def test_age_tells_since_when_it_is_so(
    shop: Shop, client: httpx.AsyncClient, clock: FakeSeconds
) -> None:
    assert (await client.get(LAMP)).headers["age"] == "0"
    clock.now += BLIND_SECONDS
    assert (await client.get(LAMP)).headers["age"] == "1"
    assert shop.asked == 1


async def test_it_lives_a_second_while_nobody_tells_of_changes(
    shop: Shop, client: httpx.AsyncClient, clock: FakeSeconds
) -> None:
    await client.get(LAMP)
    clock.now += BLIND_SECONDS + 0.01
    shop.version = 2
    assert await version(client) == 2


async def test_it_lives_on_while_events_tell_of_changes_and_ends_with_the_first(
    world: World, shop: Shop, client: httpx.AsyncClient, clock: FakeSeconds
) -> None:
    async with running(world.app):
        [changes] = world.followers
        await client.get(LAMP)
        clock.now += 5.0
        changes.is_current(clock.now)
        answer = await client.get(LAMP)
        assert (answer.headers["age"], answer.headers["cache-control"]) == ("5", "no-cache")
        assert shop.asked == 1
        shop.version = 2
        event = events_pb2.ProductUpdated(product=shop.product("p1"))
        changes.take([Published("product.updated", event.SerializeToString())])
        assert await version(client) == 2


async def test_what_never_changes_lives_on(world: World, client: httpx.AsyncClient) -> None:
    for _ in range(2):
        await client.get("/api/catalog/config")
    assert len(world.calls.made) == 1


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_who_has_changed_it_never_sees_it_as_it_was(
    shop: Shop, client: httpx.AsyncClient, method: str
) -> None:
    await client.get(LAMP)
    await client.get(LAMPS)
    price = {"amountMinor": 1, "currency": "USD"}
    body = None if method == "DELETE" else {"version": 1, "title": "x", "price": price}
    body = body and (body | {"category": "x"} if method == "PUT" else {"title": "x"})
    changed = await client.request(method, LAMP, headers=ADMIN, json=body)
    assert changed.status_code < 300, changed.text
    assert await version(client) == 2
    assert (await client.get(LAMPS)).json()["products"][0]["version"] == 2


async def test_a_change_ends_lists_and_its_own_product_alone(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    for path in (LAMP, "/api/products/p2", LAMPS):
        await client.get(path)
    await client.patch(LAMP, headers=ADMIN, json={"title": "x"})
    for path in (LAMP, "/api/products/p2", LAMPS):
        await client.get(path)
    assert shop.asked == 5


async def test_what_an_order_took_is_taken_at_once(
    world: World, shop: Shop, client: httpx.AsyncClient
) -> None:
    item = orders_pb2.OrderItem(product_id="p1", quantity=1)
    world.calls.answers["CreateOrder"] = lambda _: orders_pb2.CreateOrderResponse(
        order=orders_pb2.Order(id="o1", items=[item])
    )
    await client.get(LAMP)
    shop.version = 2
    body = {"items": [{"productId": "p1", "quantity": 1}]}
    assert (await client.post("/api/orders", headers=ADMIN, json=body)).status_code == 201
    assert await version(client) == 2


async def test_a_call_that_may_have_changed_it_ends_it_too(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    def late(_: Any) -> Any:
        shop.version += 1
        raise rpc_error(grpc.StatusCode.DEADLINE_EXCEEDED)

    shop.calls.answers["EditProduct"] = late
    await client.get(LAMP)
    assert (await client.patch(LAMP, headers=ADMIN, json={"title": "x"})).status_code == 503
    assert await version(client) == 2


@pytest.fixture
async def slow(clock: FakeSeconds) -> World:
    return make_world(calls=HeldCalls())


async def test_what_was_read_before_a_change_is_answered_to_nobody_after_it(slow: World) -> None:
    held = slow.calls
    assert isinstance(held, HeldCalls)
    shop = Shop(held)
    async with slow.client() as client:
        early = asyncio.create_task(version(client))
        await held.has_read.wait()
        await client.patch(LAMP, headers=ADMIN, json={"title": "x"})
        late = asyncio.create_task(version(client))
        while shop.asked < 2:
            await asyncio.sleep(0)
        held.may_answer.set()
        assert await early == 1
        assert await late == 2
        assert await version(client) == 2
        assert shop.asked == 2


async def test_many_at_once_are_one_call(slow: World) -> None:
    held = slow.calls
    assert isinstance(held, HeldCalls)
    shop = Shop(held)
    async with slow.client() as client:
        many = [asyncio.create_task(client.get(LAMP)) for _ in range(20)]
        await held.has_read.wait()
        many[0].cancel()
        held.may_answer.set()
        answers = await asyncio.gather(*many[1:])
    assert shop.asked == 1
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.headers["x-request-id"] for answer in answers}) == 19


async def test_refusals_are_not_kept_and_tell_each_their_own_id(
    slow: World, clock: FakeSeconds
) -> None:
    held = slow.calls
    assert isinstance(held, HeldCalls)
    held.answers["GetProduct"] = refused("NOT_FOUND", "There is none.")
    async with slow.client() as client:
        answers = await asyncio.gather(*(client.get(LAMP) for _ in range(3)))
        assert {answer.status_code for answer in answers} == {404}
        ids = {answer.json()["requestId"] for answer in answers}
        assert ids == {answer.headers["x-request-id"] for answer in answers}
        assert len(ids) == 3
        Shop(held)
        held.may_answer.set()
        assert await version(client) == 1


async def test_what_is_invalid_is_refused_each_time(
    world: World, client: httpx.AsyncClient
) -> None:
    for _ in range(2):
        assert (await client.get(f"{LAMPS}?pageSize=nonsense")).status_code == 400
    assert (await client.get(LAMP, headers={"authorization": "Basic x"})).status_code == 401
    assert world.calls.made == []


async def test_no_token_at_all_is_refused_of_what_is_kept_as_well(
    shop: Shop, client: httpx.AsyncClient
) -> None:
    await client.get(LAMP)
    for header in ("Basic x", "Bearer", "Bearer \xff", "Bearer a b"):
        given = {b"authorization": header.encode("latin-1")}
        assert (await client.get(LAMP, headers=given)).status_code == 401


async def test_who_has_it_gets_not_modified(shop: Shop, client: httpx.AsyncClient) -> None:
    for path in (LAMP, LAMPS):
        tags = set()
        for coding in CODINGS:
            accepts = {"accept-encoding": coding}
            whole = await client.get(path, headers=accepts)
            tag = whole.headers["etag"]
            tags.add(tag.removeprefix("W/"))
            assert tag.startswith("W/") == ("content-encoding" in whole.headers)
            for given in (tag, f'"other", {tag}', "*"):
                same = await client.get(path, headers={**accepts, "if-none-match": given})
                assert (same.status_code, same.content) == (304, b"")
                assert same.headers["etag"] == tag
                assert same.headers["cache-control"] == whole.headers["cache-control"]
                assert same.headers["vary"] == "Accept-Encoding"
                assert "content-length" not in same.headers
            other = await client.get(path, headers={**accepts, "if-none-match": '"other"'})
            assert other.status_code == 200
        assert len(tags) == 1
    shop.version = 2
    await client.patch(LAMP, headers=ADMIN, json={"title": "x"})
    assert (await client.get(LAMP, headers={"if-none-match": '"1"'})).status_code == 200


async def test_heads_alone(shop: Shop, client: httpx.AsyncClient) -> None:
    for _ in range(2):
        head = await client.head(LAMP, headers={"accept-encoding": "identity"})
        whole = await client.get(LAMP, headers={"accept-encoding": "identity"})
        assert head.content == b""
        assert head.headers["content-length"] == str(len(whole.content))
    assert shop.asked == 1


@pytest.mark.parametrize(
    ("accepts", "coding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("gzip;q=0", None),
        ("br;q=0.5, gzip", "gzip"),
        ("*", "br"),
        ("identity, *;q=0", None),
        ("", None),
    ],
)
async def test_each_client_gets_a_coding_that_it_takes(
    shop: Shop, client: httpx.AsyncClient, accepts: str, coding: str | None
) -> None:
    plain = await client.get(LAMP, headers={"accept-encoding": "identity"})
    response = await client.get(LAMP, headers={"accept-encoding": accepts})
    assert response.headers.get("content-encoding") == coding
    assert response.content == plain.content


def test_a_coding_is_made_once() -> None:
    response = RawResponse(200, [(b"content-type", b"text/plain")], b"long " * 200)
    entry = Entry(response, frozenset(), 0.0, 1.0, for_guests=False)
    grown: list[int] = []
    entry.on_growth = lambda: grown.append(entry.size)
    for _ in range(3):
        entry.ready(Asked({b"accept-encoding": b"br"}, is_head=False, request_id=""), 0.0)
    assert len(grown) == 1


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("?q=lamp&sort=title", "?sort=title&q=lamp", True),
        ("?q=lamp", "?q=lamps", False),
        ("?q=a&q=b", "?q=b&q=a", False),
    ],
)
async def test_the_order_of_parameters_does_not_matter(
    shop: Shop, client: httpx.AsyncClient, one: str, other: str, is_same: bool
) -> None:
    first = (await client.get(f"{LAMPS}{one}")).status_code
    await client.get(f"{LAMPS}{other}")
    if first == 200:
        assert shop.asked == (1 if is_same else 2)
    else:
        assert not is_same


async def test_private_reads_are_not_kept(world: World, client: httpx.AsyncClient) -> None:
    for path in ("/api/orders", "/api/cart", "/api/users/currentuser"):
        world.calls.made.clear()
        for _ in range(2):
            await client.get(path, headers=ADMIN)
        assert len(world.calls.made) == 2, path

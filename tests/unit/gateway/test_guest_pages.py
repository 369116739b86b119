"""The storefront's pages in front of fake services: what guests share, and what no one shares."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from shop.auth.v1 import auth_pb2
from shop.catalog.v1 import catalog_pb2, events_pb2
from shop.money.v1 import money_pb2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from chassis.kafka.follower import Published
from gateway.contract import load_rpcs, rules_of
from tests.support.clock import FakeSeconds
from tests.unit.gateway.fakes import HeldCalls, World, make_world, refused
from tests.unit.gateway.live_clients import PATIENCE_SECONDS, running
from ui.pages.page_request import COOKIES, PageRequest
from ui.storefront import GUEST_PAGES

pytestmark = pytest.mark.anyio

ADMIN = {"authorization": "Bearer t0k3n"}
HOME, MILL = "/", "/products/p1"
UI = "ui.app:create_app"
NAMES = [prefix + name for name in COOKIES for prefix in ("", "__Host-", "__Secure-")]


def listing(*products: catalog_pb2.Product) -> catalog_pb2.ListProductsResponse:
    return catalog_pb2.ListProductsResponse(
        products=products, facets=catalog_pb2.Facets(), search=catalog_pb2.SearchNotes()
    )


class Catalog:
    """A catalog with one product, whose price changes with each edit."""

    def __init__(self, world: World) -> None:
        self.calls = world.calls
        self.price = 4950
        self.calls.answers.update(
            GetProduct=lambda _: catalog_pb2.GetProductResponse(product=self.product()),
            ListProducts=lambda _: listing(self.product()),
            EditProduct=self.edit,
        )

    def product(self) -> catalog_pb2.Product:
        price = money_pb2.Money(amount_minor=self.price, currency="USD")
        return catalog_pb2.Product(
            id="p1", title="Pepper mill", category="Kitchen", price=price, available=9
        )

    def edit(self, _: Any) -> catalog_pb2.EditProductResponse:
        self.price += 1000
        return catalog_pb2.EditProductResponse()

    @property
    def asked(self) -> list[str]:
        return [made.path.rpartition("/")[2] for made in self.calls.made]


@pytest.fixture
async def world(clock: FakeSeconds) -> World:
    return make_world(mount=UI)


@pytest.fixture
def catalog(world: World) -> Catalog:
    return Catalog(world)


@pytest.fixture
async def guest(world: World, catalog: Catalog) -> AsyncIterator[httpx.AsyncClient]:
    async with world.client() as client:
        yield client


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (HOME, "$49.50"),
        ("/?category=Kitchen", "$49.50"),
        (MILL, "$49.50"),
        (f"{MILL}/availability", "In stock"),
        (f"{MILL}/buy", "Add to cart"),
    ],
)
async def test_guests_share_a_page(
    guest: httpx.AsyncClient, catalog: Catalog, path: str, shown: str
) -> None:
    first = await guest.get(path)
    asked = catalog.asked
    for headers in ({}, {"accept-language": "de"}, {"user-agent": "x"}, {"cookie": "AWSALB=x"}):
        again = await guest.get(path, headers=headers)
        assert again.content == first.content
    assert shown in first.text
    assert catalog.asked == asked
    assert "etag" in first.headers
    assert all(set(made.metadata) == {"x-request-id"} for made in catalog.calls.made)


async def test_a_kept_page_has_the_headers_of_one_that_was_made(guest: httpx.AsyncClient) -> None:
    without = make_world(mount=UI, edge_cache_bytes=0)
    Catalog(without)
    async with without.client() as other:
        await guest.get(HOME)
        given = {"x-request-id": "r"}
        kept, made = await guest.get(HOME, headers=given), await other.get(HOME, headers=given)
    assert kept.headers == made.headers
    assert kept.headers["cache-control"] == "private, no-cache"
    assert kept.headers["vary"] == "Cookie, Accept-Encoding"
    assert "script-src 'self'" in kept.headers["content-security-policy"]
    assert "set-cookie" not in kept.headers


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
async def test_who_has_a_page_gets_not_modified(
    guest: httpx.AsyncClient, catalog: Catalog, coding: str
) -> None:
    accepts = {"accept-encoding": coding}
    whole = await guest.get(HOME, headers=accepts)
    assert whole.headers.get("content-encoding", "identity") == coding
    same = await guest.get(HOME, headers={**accepts, "if-none-match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    catalog.price = 5950
    await guest.patch("/api/products/p1", headers=ADMIN, json={"title": "x"})
    other = await guest.get(HOME, headers={**accepts, "if-none-match": whole.headers["etag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("path", [HOME, MILL])
async def test_a_guest_sees_a_changed_price(guest: httpx.AsyncClient, path: str) -> None:
    assert "$49.50" in (await guest.get(path)).text
    await guest.patch("/api/products/p1", headers=ADMIN, json={"title": "x"})
    assert "$59.50" in (await guest.get(path)).text


async def test_a_page_lives_on_while_events_tell_of_changes_and_ends_with_the_first(
    world: World, guest: httpx.AsyncClient, catalog: Catalog, clock: FakeSeconds
) -> None:
    async with running(world.app):
        [changes] = world.followers
        await guest.get(HOME)
        clock.now += 5.0
        changes.is_current(clock.now)
        asked = catalog.asked
        assert (await guest.get(HOME)).headers["age"] == "5"
        assert catalog.asked == asked
        catalog.price = 5950
        event = events_pb2.ProductUpdated(product=catalog.product())
        changes.take([Published("product.updated", event.SerializeToString())])
        assert "$59.50" in (await guest.get(HOME)).text


async def test_a_page_is_as_old_as_the_oldest_of_what_it_is_made_of(
    guest: httpx.AsyncClient, catalog: Catalog, clock: FakeSeconds
) -> None:
    await guest.get("/api/products/p1")
    clock.now += 0.9
    assert (await guest.get(MILL)).headers["age"] == "0"
    clock.now += 0.2
    catalog.price = 5950
    page = await guest.get(MILL)
    assert "$59.50" in page.text


async def test_a_page_that_was_being_made_at_a_change_is_answered_to_no_one_after_it(
    clock: FakeSeconds,
) -> None:
    held = HeldCalls()
    world = make_world(calls=held, mount=UI)
    catalog = Catalog(world)
    async with world.client() as guest:
        early = asyncio.create_task(guest.get(MILL))
        await held.has_read.wait()
        await guest.patch("/api/products/p1", headers=ADMIN, json={"title": "x"})
        held.has_read.clear()
        late = asyncio.create_task(guest.get(MILL))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await held.has_read.wait()
        held.may_answer.set()
        assert "$49.50" in (await early).text
        assert "$59.50" in (await late).text
        assert "$59.50" in (await guest.get(MILL)).text
    assert catalog.asked.count("GetProduct") == 2


async def test_a_page_that_lacks_a_part_is_not_kept(
    guest: httpx.AsyncClient, catalog: Catalog
) -> None:
    catalog.calls.answers["ListProducts"] = refused("UNAVAILABLE")
    assert "More in" not in (await guest.get(MILL)).text
    mug = catalog.product()
    mug.id, mug.title = "p2", "Mug"
    catalog.calls.answers["ListProducts"] = lambda _: listing(mug)
    assert "More in" in (await guest.get(MILL)).text


@pytest.mark.parametrize("name", NAMES)
async def test_no_one_but_guests_shares_a_page(
    guest: httpx.AsyncClient, catalog: Catalog, name: str
) -> None:
    value = "added" if name.endswith("notice") else "t0k3n"
    for cookies in (f"{name}={value}", f"a=b; {name}={value}", f"a=b;{name} ={value}"):
        shared = await guest.get(HOME)
        own = await guest.get(HOME, headers={"cookie": cookies})
        # What is made for one visitor has no version that another one could be told of.
        assert ("etag" in shared.headers, "etag" in own.headers) == (True, False)
        assert own.headers["vary"] == "Cookie, Accept-Encoding"
        again = await guest.get(HOME)
        assert again.content == shared.content
        assert "set-cookie" not in again.headers


async def test_a_shopper_sees_their_own_page_and_a_guest_none_of_it(
    guest: httpx.AsyncClient, catalog: Catalog
) -> None:
    catalog.calls.answers["GetCurrentUser"] = lambda _: auth_pb2.GetCurrentUserResponse(
        current_user=auth_pb2.User(id="u1", name="Mira", role=auth_pb2.ROLE_USER)
    )
    for _ in range(2):
        own = await guest.get(HOME, headers={"cookie": "session=t0k3n"})
        assert ("/signout" in own.text, "/signin" in own.text) == (True, False)
        assert own.headers["cache-control"] == "no-store"
        shared = await guest.get(HOME)
        assert ("/signout" in shared.text, "/signin" in shared.text) == (False, True)


async def test_a_shopper_with_two_cookie_headers_is_no_guest(guest: httpx.AsyncClient) -> None:
    await guest.get(HOME)
    headers = httpx.Headers([("cookie", "session=t0k3n"), ("cookie", "a=b")])
    assert "etag" not in (await guest.get(HOME, headers=headers)).headers


# No page is made with it, so that who has signed out shares the pages of all guests.
READ_BY_SIGNING_IN = {"device"}


def test_every_cookie_of_the_contract_may_change_a_page() -> None:
    names = {
        rules_of(field).cookie.name
        for rpc in load_rpcs()
        for message in (rpc.method.input_type, rpc.method.output_type)
        for field in message.fields
        if rules_of(field).HasField("cookie")
    }
    assert names - READ_BY_SIGNING_IN == set(COOKIES) & names


def create_pages(api: ASGIApp, base_url: str) -> ASGIApp:
    """Pages that say of themselves that they are the same for all guests; most of them are not."""
    made: list[str] = []
    client = httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url=base_url)

    async def answer(request: Request) -> Response:
        name = request.path_params["name"]
        made.append(name)
        if name == "query":
            return PlainTextResponse(request.url.query)
        await client.get("/api/cart" if name == "cart" else "/api/products")
        response = PlainTextResponse(str(len(made)), 404 if name == "missing" else 200)
        if name == "cookie":
            response.set_cookie("cart", "c1")
        if name == "secret":
            response.headers["cache-control"] = "private, no-store"
        return response

    app = Starlette(routes=[Route("/{name}", answer)])
    app.state.guest_pages = {"/{name}": ("page",)}
    return app


@pytest.mark.parametrize(
    ("name", "is_kept"),
    [("good", True), ("cookie", False), ("secret", False), ("missing", False), ("cart", False)],
)
async def test_only_what_tells_nothing_of_anyone_is_kept(name: str, is_kept: bool) -> None:
    async with make_world(mount=f"{__name__}:create_pages").client() as client:
        made = [(await client.get(f"/{name}")).text for _ in range(3)]
    assert made == (["1", "1", "1"] if is_kept else ["1", "2", "3"])


@pytest.mark.parametrize(
    "query", ["?page=2", "?page=2&utm_source=letter", "?gclid=a%26b&page=2", "?utm_id=1&page=2&x=+"]
)
async def test_what_a_page_does_not_read_makes_no_copy_of_it(query: str) -> None:
    async with make_world(mount=f"{__name__}:create_pages").client() as client:
        made = {(await client.get(f"/good{each}")).text for each in ("?page=2", query)}
        # Who has it made puts nothing into it that others would see.
        echo = (await client.get(f"/query{query}")).text
    assert (made, echo) == ({"1"}, "page=2")


@pytest.mark.parametrize(
    "query",
    [
        "?page=3",
        "?page=",
        "?p%61ge=3&page=2",
        "?utm_source=&page=2",
        "?utm_source&page=2",
        "?&page=2",
    ],
)
async def test_what_a_page_might_read_makes_another(query: str) -> None:
    async with make_world(mount=f"{__name__}:create_pages").client() as client:
        made = {(await client.get(f"/good{each}")).text for each in ("?page=2", query)}
        echo = (await client.get(f"/query{query}")).text
    assert (made, echo) == ({"1", "2"}, query.removeprefix("?"))


async def test_the_storefronts_pages_say_which_parameters_they_read(
    guest: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = set[str]()

    def asked(self: PageRequest, name: str, limit: int = 1000) -> str:
        read.add(name)
        return ""

    monkeypatch.setattr(PageRequest, "asked", asked)
    for page, parameters in GUEST_PAGES.items():
        read.clear()
        await guest.get(page.replace("{product_id}", "p1"))
        assert read == set(parameters), page

"""Who is admitted: one look-up of the revocation a request, beside a call that only reads."""

import httpx
import pytest
from shop.auth.v1 import auth_pb2
from shop.cart.v1 import cart_pb2

from chassis.errors import Unauthenticated, Unavailable
from tests.unit.gateway.fakes import World

pytestmark = pytest.mark.anyio

ME = {"cookie": "session=mine"}
ENDED = Unauthenticated("The session has ended.")
AWAY = Unavailable("Sessions cannot be checked right now.")
READ, WRITE = ("GET", "/api/orders"), ("POST", "/api/cart/checkout")
GUESTS_READ, GUESTS_WRITE = ("GET", "/api/users/currentuser"), ("POST", "/api/cart/add")
GUESTS_CART = ("GET", "/api/cart")
ADD = {"productId": "p1", "quantity": 1}


@pytest.fixture
async def world(world: World) -> World:
    world.verifier.knows("mine", id="u1", session_id="s1")
    return world


async def asked(client: httpx.AsyncClient, where: tuple[str, str], **options: object) -> int:
    verb, path = where
    body = {"json": ADD if path.endswith("/add") else {}} if verb == "POST" else {}
    response = await client.request(verb, path, **{"headers": ME, **body, **options})  # type: ignore[arg-type]  # by name
    return response.status_code


@pytest.mark.parametrize("where", [READ, WRITE, GUESTS_READ, GUESTS_WRITE, GUESTS_CART])
async def test_each_request_of_a_user_is_looked_up_once(
    world: World, client: httpx.AsyncClient, where: tuple[str, str]
) -> None:
    assert await asked(client, where) < 300
    assert world.verifier.checked == ["mine"]
    assert world.calls.last.metadata["authorization"] == "Bearer mine"


@pytest.mark.parametrize(
    "where", [("GET", "/api/products"), ("POST", "/api/users/signout"), ("GET", "/api/orders/")]
)
async def test_nobody_is_looked_up_where_it_does_not_matter(
    world: World, client: httpx.AsyncClient, where: tuple[str, str]
) -> None:
    world.verifier.failure = AWAY
    await asked(client, where)
    assert world.verifier.checked == []


@pytest.mark.parametrize("where", [READ, WRITE])
@pytest.mark.parametrize(("failure", "status"), [(ENDED, 401), (AWAY, 503)])
async def test_who_may_be_signed_out_gets_nothing(
    world: World,
    client: httpx.AsyncClient,
    where: tuple[str, str],
    failure: Unauthenticated | Unavailable,
    status: int,
) -> None:
    world.verifier.failure = failure
    assert await asked(client, where) == status
    assert world.verifier.checked == ["mine"]


async def test_a_call_that_only_reads_is_begun_before_the_answer_of_redis(
    world: World, client: httpx.AsyncClient
) -> None:
    world.verifier.failure = ENDED
    await asked(client, READ)
    assert world.calls.begun == ["ListOrders"]


@pytest.mark.parametrize("where", [WRITE, GUESTS_CART])
async def test_a_call_that_may_change_something_waits_for_redis(
    world: World, client: httpx.AsyncClient, where: tuple[str, str]
) -> None:
    world.verifier.failure = AWAY
    assert await asked(client, where) == 503
    assert world.calls.begun == []


@pytest.mark.parametrize("where", [GUESTS_READ, GUESTS_WRITE, GUESTS_CART])
async def test_who_was_signed_out_is_a_guest_where_guests_are_served(
    world: World, client: httpx.AsyncClient, where: tuple[str, str]
) -> None:
    world.verifier.failure = ENDED
    assert await asked(client, where) < 300
    assert "authorization" not in world.calls.last.metadata


async def test_what_was_read_for_who_is_signed_out_is_answered_to_no_one(
    world: World, client: httpx.AsyncClient
) -> None:
    users = iter([auth_pb2.User(id="secret"), None])
    world.calls.answers["GetCurrentUser"] = lambda _: auth_pb2.GetCurrentUserResponse(
        current_user=next(users)
    )
    world.verifier.failure = ENDED
    response = await client.get("/api/users/currentuser", headers=ME)
    assert "secret" not in response.text


@pytest.mark.parametrize("where", [GUESTS_READ, GUESTS_WRITE, GUESTS_CART])
async def test_nobody_is_served_as_a_guest_because_redis_does_not_answer(
    world: World, client: httpx.AsyncClient, where: tuple[str, str]
) -> None:
    world.verifier.failure = AWAY
    assert await asked(client, where) == 503


async def test_a_bad_token_is_refused_or_that_of_a_guest(
    world: World, client: httpx.AsyncClient
) -> None:
    world.calls.answers["GetCart"] = lambda _: cart_pb2.GetCartResponse()
    stale = {"cookie": "session=expired"}
    assert await asked(client, READ, headers=stale) == 401
    assert world.calls.begun == []
    assert await asked(client, GUESTS_CART, headers=stale) == 200
    assert "authorization" not in world.calls.last.metadata
    assert world.verifier.checked == []


async def test_roles_are_refused_after_the_look_up(world: World, client: httpx.AsyncClient) -> None:
    assert await asked(client, ("GET", "/api/orders/admin/all")) == 403
    world.verifier.failure = ENDED
    assert await asked(client, ("GET", "/api/orders/admin/all")) == 401

"""The guard and the channels, over a real gRPC server."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest
from shop.auth.v1 import auth_pb2
from shop.cart.v1 import cart_pb2, cart_pb2_grpc
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from shop.orders.v1 import orders_pb2, orders_pb2_grpc

from chassis.auth.identity import Identity, acting_as, current_identity
from chassis.auth.tokens import TokenVerifier
from chassis.errors import InvalidField, Refusal, Unauthenticated, Unavailable
from chassis.resilience.backoff import Backoff
from chassis.rpc.channel import open_channel
from chassis.rpc.deadline import deadline_in, shortened
from chassis.rpc.guard import Guard
from chassis.rpc.server import RpcServer
from chassis.rpc.status import METADATA_OPTIONS, detail_of, reason_of
from tests.support.metrics import grows

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20.0
ADD = cart_pb2.AddItemRequest(product_id="p", quantity=1)
IDENTITIES = {
    "user": Identity("user", "u1", "user"),
    "admin": Identity("user", "a1", "admin"),
    "service": Identity("service", "svc_cart", "service"),
}


class OutOfStock(Refusal):
    reason = "OUT_OF_STOCK"


class FakeVerifier(TokenVerifier):
    """Takes the token for the name of an identity."""

    def __init__(self) -> None:
        pass

    async def verify(self, token: str) -> Identity:
        if token == "unchecked":
            raise Unavailable("Sessions cannot be checked right now.")
        if token not in IDENTITIES:
            raise Unauthenticated("The token is not valid.")
        return IDENTITIES[token]


class Cart(cart_pb2_grpc.CartServiceServicer):
    """Does what the test says."""

    def __init__(self) -> None:
        self.calls = 0
        self.seen: list[Identity] = []
        self.act: Callable[[], None] = lambda: None

    async def AddItem(self, request: Any, context: Any) -> cart_pb2.AddItemResponse:
        self._act()
        return cart_pb2.AddItemResponse()

    async def GetCart(self, request: Any, context: Any) -> cart_pb2.GetCartResponse:
        self._act()
        return cart_pb2.GetCartResponse()

    async def Checkout(self, request: Any, context: Any) -> cart_pb2.CheckoutResponse:
        self._act()
        return cart_pb2.CheckoutResponse()

    def _act(self) -> None:
        self.calls += 1
        self.seen.append(current_identity())
        self.act()


class Orders(orders_pb2_grpc.OrdersServiceServicer):
    """Needs rights."""

    async def ListAllOrders(self, request: Any, context: Any) -> Any:
        return orders_pb2.ListAllOrdersResponse()

    async def GetAnyOrder(self, request: Any, context: Any) -> Any:
        return orders_pb2.GetAnyOrderResponse()


class Catalog(catalog_pb2_grpc.CatalogServiceServicer):
    """Is the same for everybody."""

    def __init__(self) -> None:
        self.seen: list[Identity] = []

    async def ListProducts(self, request: Any, context: Any) -> Any:
        self.seen.append(current_identity())
        return catalog_pb2.ListProductsResponse()


@pytest.fixture
def cart() -> Cart:
    return Cart()


@pytest.fixture
def catalog() -> Catalog:
    return Catalog()


@pytest.fixture
def details() -> dict[str, catalog_pb2.OutOfStock]:
    """What is told of a refusal, by its reason."""
    lines = [catalog_pb2.StockShortage(product_id="p")]
    return {"OUT_OF_STOCK": catalog_pb2.OutOfStock(lines=lines)}


@pytest.fixture
async def address(
    cart: Cart, catalog: Catalog, details: dict[str, catalog_pb2.OutOfStock]
) -> AsyncIterator[str]:
    guard = Guard(FakeVerifier())
    guard.add_details({OutOfStock: lambda refusal: details[refusal.reason]})
    server = grpc.aio.server(options=METADATA_OPTIONS)
    guarded = guard.on(server)
    cart_pb2_grpc.add_CartServiceServicer_to_server(cart, guarded)
    catalog_pb2_grpc.add_CatalogServiceServicer_to_server(catalog, guarded)
    orders_pb2_grpc.add_OrdersServiceServicer_to_server(Orders(), guarded)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


@pytest.fixture
async def plain(address: str) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(address) as channel:
        yield channel


async def refused(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return caught.value


def bearer(name: str) -> list[tuple[str, str]]:
    return [("authorization", f"Bearer {name}")]


async def test_a_call_without_a_deadline_is_refused(plain: grpc.aio.Channel, cart: Cart) -> None:
    error = await refused(cart_pb2_grpc.CartServiceStub(plain).AddItem(ADD))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details() == "Give the call a deadline."
    assert cart.calls == 0


@pytest.mark.parametrize(
    "path", ["/shop.cart.v1.CartService/Juggle", "/shop.circus.v1.CircusService/Juggle", "/juggle"]
)
async def test_what_nobody_serves_is_unimplemented(plain: grpc.aio.Channel, path: str) -> None:
    call: Any = plain.unary_unary(path)
    error = await refused(call(b"", timeout=5))
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_broken_rules_come_back_as_field_violations(
    plain: grpc.aio.Channel, cart: Cart
) -> None:
    stub = cart_pb2_grpc.CartServiceStub(plain)
    error = await refused(stub.AddItem(cart_pb2.AddItemRequest(quantity=100), timeout=5))
    assert reason_of(error) == "VALIDATION_FAILED"
    bad = detail_of(error, BadRequest)
    assert bad is not None
    assert [violation.field for violation in bad.field_violations] == ["product_id", "quantity"]
    assert cart.calls == 0


async def test_calls_are_counted_on_both_sides_by_their_code(address: str, cart: Cart) -> None:
    rpc = {"grpc_service": "shop.cart.v1.CartService", "grpc_method": "AddItem"}
    codes = [rpc | {"grpc_code": code} for code in ("OK", "INVALID_ARGUMENT", "INTERNAL")]
    channel = open_channel(address)
    add_item = cart_pb2_grpc.CartServiceStub(channel).AddItem
    with ExitStack() as stack:
        for side in ("server", "client"):
            for each in codes:
                stack.enter_context(grows(f"grpc_{side}_handled_total", each))
            stack.enter_context(grows(f"grpc_{side}_handling_seconds_count", rpc, by=3))
        await add_item(ADD, timeout=5)
        await refused(add_item(cart_pb2.AddItemRequest(), timeout=5))
        cart.act = lambda: 1 // 0  # type: ignore[assignment]
        await refused(add_item(ADD, timeout=5))
    await channel.close()


@pytest.mark.parametrize(
    ("caller", "status"),
    [
        (None, "UNAUTHENTICATED"),
        ("nonsense", "UNAUTHENTICATED"),
        ("user", "PERMISSION_DENIED"),
        ("service", "PERMISSION_DENIED"),
        ("admin", None),
    ],
)
async def test_only_those_whom_the_contract_names_get_in(
    plain: grpc.aio.Channel, caller: str | None, status: str | None
) -> None:
    call = orders_pb2_grpc.OrdersServiceStub(plain).ListAllOrders(
        orders_pb2.ListAllOrdersRequest(), timeout=5, metadata=bearer(caller) if caller else None
    )
    if status is None:
        assert await call == orders_pb2.ListAllOrdersResponse()
    else:
        assert reason_of(await refused(call)) == status


async def test_any_of_several_callers_suffices(plain: grpc.aio.Channel) -> None:
    stub = orders_pb2_grpc.OrdersServiceStub(plain)
    for caller in ("admin", "service"):
        await stub.GetAnyOrder(
            orders_pb2.GetAnyOrderRequest(order_id="o"), timeout=5, metadata=bearer(caller)
        )


async def test_a_public_rpc_takes_a_bad_token_for_none(plain: grpc.aio.Channel, cart: Cart) -> None:
    stub = cart_pb2_grpc.CartServiceStub(plain)
    await stub.GetCart(cart_pb2.GetCartRequest(), timeout=5, metadata=bearer("expired"))
    assert cart.seen[0].kind == "anonymous"


async def test_who_can_not_be_checked_is_not_served_as_a_guest(
    plain: grpc.aio.Channel, cart: Cart
) -> None:
    stub = cart_pb2_grpc.CartServiceStub(plain)
    call = stub.GetCart(cart_pb2.GetCartRequest(), timeout=5, metadata=bearer("unchecked"))
    assert reason_of(await refused(call)) == "UNAVAILABLE"
    assert cart.calls == 0


@pytest.mark.parametrize("caller", ["user", "unchecked"])
async def test_nobody_is_asked_who_they_are_where_it_does_not_matter(
    plain: grpc.aio.Channel, catalog: Catalog, caller: str
) -> None:
    stub = catalog_pb2_grpc.CatalogServiceStub(plain)
    await stub.ListProducts(catalog_pb2.ListProductsRequest(), timeout=5, metadata=bearer(caller))
    assert [identity.kind for identity in catalog.seen] == ["anonymous"]


async def test_a_refusal_carries_its_reason_and_detail(plain: grpc.aio.Channel, cart: Cart) -> None:
    def act() -> None:
        raise OutOfStock("Only 2 are left.")

    cart.act = act
    error = await refused(cart_pb2_grpc.CartServiceStub(plain).AddItem(ADD, timeout=5))
    assert (reason_of(error), error.details()) == ("OUT_OF_STOCK", "Only 2 are left.")
    detail = detail_of(error, catalog_pb2.OutOfStock)
    assert detail is not None
    assert detail.lines[0].product_id == "p"


async def test_a_refusal_of_any_size_arrives(
    address: str, cart: Cart, details: dict[str, catalog_pb2.OutOfStock]
) -> None:
    titles = [f"{number:02} {'長' * 297}" for number in range(100)]
    details["OUT_OF_STOCK"] = catalog_pb2.OutOfStock(
        lines=[catalog_pb2.StockShortage(product_id="p" * 64, title=each) for each in titles]
    )

    def act() -> None:
        raise OutOfStock(f"There is not enough left of: {', '.join(titles)}.")

    cart.act = act
    async with open_channel(address) as channel:
        error = await refused(cart_pb2_grpc.CartServiceStub(channel).AddItem(ADD, timeout=5))
    assert reason_of(error) == "OUT_OF_STOCK"
    assert (error.details() or "").startswith("There is not enough left of: 00 長")
    detail = detail_of(error, catalog_pb2.OutOfStock)
    assert detail is not None
    assert [line.title[:2] for line in detail.lines] == [f"{number:02}" for number in range(20)]
    assert {len(line.title) for line in detail.lines} == {200}


async def test_an_invalid_field_found_by_a_use_case_names_it(
    plain: grpc.aio.Channel, cart: Cart
) -> None:
    def act() -> None:
        raise InvalidField("quantity", "must be at most 99 in all")

    cart.act = act
    error = await refused(cart_pb2_grpc.CartServiceStub(plain).AddItem(ADD, timeout=5))
    bad = detail_of(error, BadRequest)
    assert bad is not None
    assert (bad.field_violations[0].field, bad.field_violations[0].description) == (
        "quantity",
        "must be at most 99 in all",
    )


async def test_a_fault_of_ours_tells_nothing(plain: grpc.aio.Channel, cart: Cart) -> None:
    def act() -> None:
        raise ValueError("the password is hunter2")

    cart.act = act
    error = await refused(cart_pb2_grpc.CartServiceStub(plain).AddItem(ADD, timeout=5))
    assert (reason_of(error), error.details()) == ("INTERNAL", "Something went wrong")


async def test_what_is_idempotent_is_repeated_and_nothing_else(address: str, cart: Cart) -> None:
    class Away(Refusal):
        reason = "UNAVAILABLE"

    def act() -> None:
        raise Away

    cart.act = act
    channel = open_channel(address, backoff=Backoff(0.001, 0.001))
    stub = cart_pb2_grpc.CartServiceStub(channel)
    assert reason_of(await refused(stub.GetCart(cart_pb2.GetCartRequest(), timeout=5))) == (
        "UNAVAILABLE"
    )
    assert cart.calls == 4
    await refused(stub.AddItem(ADD, timeout=5))
    assert cart.calls == 5
    await channel.close()


async def test_a_channel_adds_the_token_and_needs_a_timeout(address: str, cart: Cart) -> None:
    async def token() -> str:
        return "user"

    channel = open_channel(address, token)
    stub = cart_pb2_grpc.CartServiceStub(channel)
    await stub.Checkout(cart_pb2.CheckoutRequest(), timeout=5)
    assert cart.seen[0] == IDENTITIES["user"]
    with pytest.raises(TypeError, match="without a timeout"):
        await stub.Checkout(cart_pb2.CheckoutRequest())
    await channel.close()


async def test_the_time_that_a_token_takes_is_the_calls(
    address: str, cart: Cart, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(now=0.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr("chassis.rpc.calls.time", clock)

    async def slow_token() -> str:
        clock.now += 30
        return "user"

    left: list[float] = []
    cart.act = lambda: left.append(shortened(1000))
    channel = open_channel(address, slow_token)
    await cart_pb2_grpc.CartServiceStub(channel).AddItem(ADD, timeout=60)
    # gRPC rounds deadlines up a little on their way.
    assert 0 < left[0] < 31
    await channel.close()


async def test_a_peers_refusal_passes_through(address: str) -> None:
    """A servicer that calls another and does not handle its refusal answers with that."""

    class Relaying(cart_pb2_grpc.CartServiceServicer):
        async def Checkout(self, request: Any, context: Any) -> Any:
            return await cart_pb2_grpc.CartServiceStub(inner).AddItem(
                cart_pb2.AddItemRequest(), timeout=5
            )

    inner = open_channel(address)
    server = grpc.aio.server()
    guarded = Guard(FakeVerifier()).on(server)
    cart_pb2_grpc.add_CartServiceServicer_to_server(Relaying(), guarded)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as outer:
        error = await refused(
            cart_pb2_grpc.CartServiceStub(outer).Checkout(
                cart_pb2.CheckoutRequest(), timeout=5, metadata=bearer("user")
            )
        )
    assert reason_of(error) == "VALIDATION_FAILED"
    assert detail_of(error, BadRequest) is not None
    await inner.close()
    await server.stop(None)


async def test_calls_made_for_a_call_get_what_is_left_of_its_time() -> None:
    assert shortened(5) == 5
    with deadline_in(1):
        assert 0.5 < shortened(5) < 1
        assert shortened(0.1) == 0.1


async def test_the_identity_is_that_of_the_call_only() -> None:
    with acting_as(IDENTITIES["user"]):
        assert current_identity().id == "u1"
    assert current_identity().kind == "anonymous"


def test_the_roles_of_the_contract_are_the_tokens() -> None:
    assert [value.name for value in auth_pb2.Role.DESCRIPTOR.values[1:]] == [
        "ROLE_USER",
        "ROLE_ADMIN",
    ]


async def test_a_connection_ends_when_it_is_old() -> None:
    peers: set[str] = set()

    class Noting(cart_pb2_grpc.CartServiceServicer):
        async def GetCart(self, request: Any, context: Any) -> cart_pb2.GetCartResponse:
            peers.add(context.peer())
            return cart_pb2.GetCartResponse()

    server = RpcServer(Guard(FakeVerifier()), max_connection_age_ms=50)
    server.add(cart_pb2_grpc.add_CartServiceServicer_to_server, Noting())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    await server.start("127.0.0.1", port)
    async with open_channel(f"127.0.0.1:{port}") as channel, asyncio.timeout(PATIENCE_SECONDS):
        stub = cart_pb2_grpc.CartServiceStub(channel)
        while len(peers) < 3:
            await stub.GetCart(cart_pb2.GetCartRequest(), timeout=5)
    await server.stop(0)

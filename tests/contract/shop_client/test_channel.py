"""The client's channel, on a real gRPC server."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from grpc_status import rpc_status
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc

from chassis.rpc.status import status_of
from shop_client import ServiceToken, open_channel, refusal_of

PRODUCT = catalog_pb2.GetProductRequest(product_id="p1")
NEW = catalog_pb2.CreateProductRequest(title="Lamp")


class Catalog(catalog_pb2_grpc.CatalogServiceServicer):
    """Is unreachable for its first calls, and remembers what came."""

    def __init__(self) -> None:
        self.outages = 0
        self.calls: list[tuple[dict[str, Any], float]] = []
        self.refusal: Any = None

    def GetProduct(self, request: Any, context: Any) -> Any:
        self._called(context)
        return catalog_pb2.GetProductResponse(product=catalog_pb2.Product(id=request.product_id))

    def CreateProduct(self, request: Any, context: Any) -> Any:
        self._called(context)
        return catalog_pb2.CreateProductResponse()

    def _called(self, context: Any) -> None:
        self.calls.append((dict(context.invocation_metadata()), context.time_remaining()))
        if self.refusal is not None:
            context.abort_with_status(rpc_status.to_status(self.refusal))
        if len(self.calls) <= self.outages:
            context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")


class Auth(auth_pb2_grpc.AuthServiceServicer):
    """Issues tokens of no long life."""

    def __init__(self, expires_at: int) -> None:
        self.issued = 0
        self._expires_at = expires_at

    def IssueServiceToken(self, request: Any, context: Any) -> Any:
        if request.client_secret != "secret":
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "no")
        self.issued += 1
        return auth_pb2.IssueServiceTokenResponse(
            access_token=f"token-{self.issued}", expires_at=Timestamp(seconds=self._expires_at)
        )


@contextmanager
def serving(add: Callable[[grpc.Server], None]) -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(4))
    add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None)


@pytest.fixture
def catalog() -> Catalog:
    return Catalog()


@pytest.fixture
def address(catalog: Catalog) -> Iterator[str]:
    with serving(
        lambda server: catalog_pb2_grpc.add_CatalogServiceServicer_to_server(catalog, server)
    ) as found:
        yield found


def test_each_call_has_the_token_and_a_deadline(catalog: Catalog, address: str) -> None:
    tokens = iter(["one", "two"])
    with open_channel(address, lambda: next(tokens), deadline=30.0) as channel:
        stub = catalog_pb2_grpc.CatalogServiceStub(channel)
        assert stub.GetProduct(PRODUCT).product.id == "p1"
        stub.GetProduct(PRODUCT, timeout=90.0)
        stub.GetProduct(PRODUCT, metadata=(("authorization", "Bearer mine"),))
    sent = [(metadata["authorization"], seconds > 60.0) for metadata, seconds in catalog.calls]
    assert sent == [("Bearer one", False), ("Bearer two", True), ("Bearer mine", False)]


def test_no_one_calls_without_a_token(catalog: Catalog, address: str) -> None:
    with open_channel(address) as channel:
        catalog_pb2_grpc.CatalogServiceStub(channel).GetProduct(PRODUCT)
    [(metadata, seconds)] = catalog.calls
    assert "authorization" not in metadata
    assert 0 < seconds < 60


def test_a_read_is_made_again_while_the_service_is_unreachable(
    catalog: Catalog, address: str
) -> None:
    catalog.outages = 2
    with open_channel(address) as channel:
        catalog_pb2_grpc.CatalogServiceStub(channel).GetProduct(PRODUCT)
    assert len(catalog.calls) == 3


def test_what_would_count_twice_is_made_once(catalog: Catalog, address: str) -> None:
    catalog.outages = 2
    with open_channel(address) as channel:
        stub = catalog_pb2_grpc.CatalogServiceStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            stub.CreateProduct(NEW)
    assert refusal_of(refused.value).code is grpc.StatusCode.UNAVAILABLE
    assert len(catalog.calls) == 1


def test_a_refusal_can_be_read(catalog: Catalog, address: str) -> None:
    shortage = catalog_pb2.OutOfStock(lines=[catalog_pb2.StockShortage(product_id="p1")])
    wait = RetryInfo(retry_delay=Duration(seconds=3))
    catalog.refusal = status_of("OUT_OF_STOCK", "None left.", [("q", "is long")], [shortage, wait])
    with open_channel(address) as channel:
        stub = catalog_pb2_grpc.CatalogServiceStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            stub.CreateProduct(NEW)
    refusal = refusal_of(refused.value)
    assert (refusal.reason, refusal.message) == ("OUT_OF_STOCK", "None left.")
    assert (refusal.fields, refusal.retry_after) == ({"q": "is long"}, 3.0)
    assert refusal.detail(catalog_pb2.OutOfStock) == shortage
    assert refusal.detail(BadRequest) is not None
    assert refusal.detail(catalog_pb2.VersionConflict) is None


def test_a_service_that_is_not_there_gives_no_reason() -> None:
    with open_channel("127.0.0.1:1") as channel:
        stub = catalog_pb2_grpc.CatalogServiceStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            stub.CreateProduct(NEW)
    refusal = refusal_of(refused.value)
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.UNAVAILABLE, "")
    assert refusal.message


@pytest.mark.parametrize(("expires_at", "issued"), [(2**33, 1), (1, 2)])
def test_a_service_token_is_kept_until_it_expires(expires_at: int, issued: int) -> None:
    auth = Auth(expires_at)
    with (
        serving(
            lambda server: auth_pb2_grpc.add_AuthServiceServicer_to_server(auth, server)
        ) as address,
        open_channel(address) as channel,
    ):
        token = ServiceToken(channel, "svc_cart", "secret")
        assert token() == "token-1"
        assert token() == f"token-{issued}"
        with pytest.raises(grpc.RpcError):
            ServiceToken(channel, "svc_cart", "wrong")()
    assert auth.issued == issued

"""What the loader calls, by grpcio-testing's channel that no server is behind."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import grpc
import grpc_testing
import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from shop.orders.v1 import orders_pb2, orders_pb2_grpc
from shop.payments.v1 import payments_pb2, payments_pb2_grpc

from devstack.demo.catalogue import DemoProduct
from devstack.demo.loading import sign_in_or_up
from devstack.demo.past_orders import HISTORY, place_orders
from devstack.demo.stocking import PIECE, add_products, existing, pieces
from devstack.logins import Login

AUTH = auth_pb2.DESCRIPTOR.services_by_name["AuthService"]
CATALOG = catalog_pb2.DESCRIPTOR.services_by_name["CatalogService"]
ORDERS = orders_pb2.DESCRIPTOR.services_by_name["OrdersService"]
PAYMENTS = payments_pb2.DESCRIPTOR.services_by_name["PaymentsService"]

ANN = Login("a@b.co", "secret")
MUG = DemoProduct("ridgeline-stoneware-mug", "Mug", "A mug.", "Kitchen", 2400, "USD", 9)


class Peer:
    """The other end of a channel: answers one call after the other."""

    def __init__(self) -> None:
        time = grpc_testing.strict_real_time()
        self.channel = grpc_testing.channel([AUTH, CATALOG, ORDERS, PAYMENTS], time)

    def answer(
        self,
        method: MethodDescriptor,
        response: Message | None,
        code: grpc.StatusCode = grpc.StatusCode.OK,
    ) -> Any:
        """Wait for a call of `method`, answer it; its request."""
        _, request, call = self.channel.take_unary_unary(method)
        call.send_initial_metadata(())
        call.terminate(response, (), code, "")
        return request

    def take_upload(self, key: str) -> bytes:
        """Wait for an upload, take all of it, and answer with `key`."""
        _, call = self.channel.take_stream_unary(CATALOG.methods_by_name["UploadImage"])
        call.send_initial_metadata(())
        taken = call.take_request().chunk
        call.terminate(catalog_pb2.UploadImageResponse(image_key=key), (), grpc.StatusCode.OK, "")
        return bytes(taken)


@pytest.fixture
def peer() -> Peer:
    return Peer()


@pytest.fixture
def run() -> Iterator[Callable[..., Future[Any]]]:
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit


def test_a_known_shopper_signs_in(peer: Peer, run: Callable[..., Future[Any]]) -> None:
    token = run(sign_in_or_up, auth_pb2_grpc.AuthServiceStub(peer.channel), "t", ANN)
    known = auth_pb2.ListUsersResponse(users=[auth_pb2.User(id="u")])
    assert peer.answer(AUTH.methods_by_name["ListUsers"], known).query == "a@b.co"
    request = peer.answer(AUTH.methods_by_name["SignIn"], auth_pb2.SignInResponse(access_token="t"))
    assert (request.email, request.password) == ("a@b.co", "secret")
    assert token.result(5) == "t"


def test_an_unknown_shopper_signs_up(peer: Peer, run: Callable[..., Future[Any]]) -> None:
    token = run(sign_in_or_up, auth_pb2_grpc.AuthServiceStub(peer.channel), "t", ANN)
    peer.answer(AUTH.methods_by_name["ListUsers"], auth_pb2.ListUsersResponse())
    peer.answer(AUTH.methods_by_name["SignUp"], auth_pb2.SignUpResponse(access_token="t"))
    assert token.result(5) == "t"


def test_another_failure_is_not_hidden(peer: Peer, run: Callable[..., Future[Any]]) -> None:
    token = run(sign_in_or_up, auth_pb2_grpc.AuthServiceStub(peer.channel), "t", ANN)
    peer.answer(AUTH.methods_by_name["ListUsers"], None, grpc.StatusCode.UNAVAILABLE)
    with pytest.raises(grpc.RpcError):
        token.result(5)


def test_all_pages_of_the_catalogue_are_read(peer: Peer, run: Callable[..., Future[Any]]) -> None:
    found = run(existing, catalog_pb2_grpc.CatalogServiceStub(peer.channel))
    listing = CATALOG.methods_by_name["ListProducts"]
    first = catalog_pb2.ListProductsResponse(
        products=[catalog_pb2.Product(id="1", title="One")], next_page_token="more"
    )
    peer.answer(listing, first)
    second = peer.answer(
        listing,
        catalog_pb2.ListProductsResponse(products=[catalog_pb2.Product(id="2", title="Two")]),
    )
    assert second.page_token == "more"
    assert found.result(5) == {"One": "1", "Two": "2"}


def test_only_what_is_missing_is_added(peer: Peer, run: Callable[..., Future[Any]]) -> None:
    progress: list[tuple[int, int]] = []
    catalog = catalog_pb2_grpc.CatalogServiceStub(peer.channel)
    added = run(add_products, catalog, "t", [MUG], lambda *counts: progress.append(counts))
    peer.answer(CATALOG.methods_by_name["ListProducts"], catalog_pb2.ListProductsResponse())
    assert peer.take_upload("k")
    created = peer.answer(
        CATALOG.methods_by_name["CreateProduct"],
        catalog_pb2.CreateProductResponse(product=catalog_pb2.Product(id="p", title="Mug")),
    )
    assert (created.title, created.price.amount_minor, created.image_key) == ("Mug", 2400, "k")
    assert added.result(30) == {MUG.slug: "p"}

    assert progress == [(1, 1)]

    again = run(add_products, catalog, "t", [MUG], lambda *counts: progress.append(counts))
    peer.answer(
        CATALOG.methods_by_name["ListProducts"],
        catalog_pb2.ListProductsResponse(products=[catalog_pb2.Product(id="p", title="Mug")]),
    )
    assert again.result(5) == {MUG.slug: "p"}
    assert progress == [(1, 1)]


def test_a_picture_is_streamed_in_pieces() -> None:
    picture = bytes(range(256)) * 1000
    chunks = [request.chunk for request in pieces(picture)]
    assert b"".join(chunks) == picture
    assert max(map(len, chunks)) == PIECE


def test_a_history_that_is_there_is_left_alone(peer: Peer, run: Callable[..., Future[Any]]) -> None:
    done = run(
        place_orders,
        orders_pb2_grpc.OrdersServiceStub(peer.channel),
        payments_pb2_grpc.PaymentsServiceStub(peer.channel),
        "t",
        {},
    )
    peer.answer(
        ORDERS.methods_by_name["ListOrders"],
        orders_pb2.ListOrdersResponse(total_size=len(HISTORY)),
    )
    assert done.result(5) is None


def test_a_history_is_placed_paid_and_cancelled(
    peer: Peer, run: Callable[..., Future[Any]]
) -> None:
    slugs = {slug: slug for past in HISTORY for slug in past.lines}
    done = run(
        place_orders,
        orders_pb2_grpc.OrdersServiceStub(peer.channel),
        payments_pb2_grpc.PaymentsServiceStub(peer.channel),
        "t",
        slugs,
    )
    peer.answer(ORDERS.methods_by_name["ListOrders"], orders_pb2.ListOrdersResponse())
    for past in HISTORY:
        order = orders_pb2.Order(id=f"o-{past.key}", status=orders_pb2.ORDER_STATUS_PENDING)
        created = peer.answer(
            ORDERS.methods_by_name["CreateOrder"], orders_pb2.CreateOrderResponse(order=order)
        )
        assert created.idempotency_key == past.key
        if past.is_paid:
            paid = peer.answer(
                PAYMENTS.methods_by_name["CreatePayment"],
                payments_pb2.CreatePaymentResponse(),
            )
            assert paid.order_id == order.id
        else:
            cancelled = peer.answer(
                ORDERS.methods_by_name["CancelOrder"], orders_pb2.CancelOrderResponse()
            )
            assert cancelled.order_id == order.id
    assert done.result(5) is None

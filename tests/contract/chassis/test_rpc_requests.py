"""Messages that cannot be read, and streams that are refused, over a real gRPC server."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from structlog.testing import capture_logs

from chassis.auth.identity import Identity, current_identity
from chassis.auth.tokens import TokenVerifier
from chassis.errors import InvalidField, Unauthenticated
from chassis.rpc.channel import open_channel
from chassis.rpc.guard import Guard
from chassis.rpc.status import METADATA_OPTIONS, reason_of

pytestmark = pytest.mark.anyio

ADMIN = (("authorization", "Bearer admin"),)
NONSENSE = b"\xff\xff"
MIB = 1024 * 1024
METHODS = "/shop.catalog.v1.CatalogService/"


class OnlyAdmin(TokenVerifier):
    """Knows one token."""

    def __init__(self) -> None:
        pass

    async def verify(self, token: str) -> Identity:
        if token != "admin":
            raise Unauthenticated("The token is not valid.")
        return Identity("user", "a1", "admin")


class Catalog(catalog_pb2_grpc.CatalogServiceServicer):
    """Refuses pictures as soon as it sees them."""

    async def UploadImage(self, request_iterator: Any, context: Any) -> Any:
        assert current_identity().role == "admin"
        async for _ in request_iterator:
            raise InvalidField("image", "is no picture")

    async def DeleteProduct(self, request: Any, context: Any) -> Any:
        return catalog_pb2.DeleteProductResponse()


@pytest.fixture
async def channel(anyio_backend: str) -> AsyncIterator[grpc.aio.Channel]:
    server = grpc.aio.server(options=METADATA_OPTIONS)
    guarded = Guard(OnlyAdmin()).on(server)
    catalog_pb2_grpc.add_CatalogServiceServicer_to_server(Catalog(), guarded)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channel = open_channel(f"127.0.0.1:{port}")
    yield channel
    await channel.close()
    await server.stop(None)


async def refusal(call: Any) -> tuple[str | None, str]:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return reason_of(caught.value), caught.value.details() or ""


async def pieces(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


@pytest.mark.parametrize(
    ("metadata", "reason"), [((), "UNAUTHENTICATED"), (ADMIN, "VALIDATION_FAILED")]
)
@pytest.mark.parametrize("is_stream", [False, True])
async def test_what_can_not_be_read_is_refused_after_the_permission_without_a_trace(
    channel: grpc.aio.Channel, metadata: Any, reason: str, is_stream: bool
) -> None:
    with capture_logs() as logs:
        # Without serializers what is sent is bytes, which the stubs of gRPC's types do not know.
        stream: Any = channel.stream_unary(f"{METHODS}UploadImage")
        unary: Any = channel.unary_unary(f"{METHODS}DeleteProduct")
        call, request = (stream, pieces(NONSENSE)) if is_stream else (unary, NONSENSE)
        actual, text = await refusal(call(request, timeout=5, metadata=metadata))
    assert actual == reason
    assert "DecodeError" not in text
    assert [each["event"] for each in logs] == ["rpc refused"]


@pytest.mark.parametrize(
    ("metadata", "reason"), [((), "UNAUTHENTICATED"), (ADMIN, "VALIDATION_FAILED")]
)
async def test_a_refused_upload_learns_why(
    channel: grpc.aio.Channel, metadata: Any, reason: str
) -> None:
    chunk = catalog_pb2.UploadImageRequest(chunk=b"x" * 64 * 1024)

    async def chunks() -> AsyncIterator[catalog_pb2.UploadImageRequest]:
        for _ in range(60):
            yield chunk

    stub: Any = catalog_pb2_grpc.CatalogServiceStub(channel)
    for _ in range(100):
        actual, _ = await refusal(stub.UploadImage(chunks(), timeout=20, metadata=metadata))
        assert actual == reason

"""Three small services for the gateway to stand before, guarded as the real ones are."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.timestamp_pb2 import Timestamp
from jose import jwk, jwt
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from shop.notify.v1 import notify_pb2, notify_pb2_grpc

from chassis.auth.identity import current_identity
from chassis.auth.tokens import TokenVerifier
from chassis.errors import NotFound, Refusal
from chassis.rpc.guard import Guard
from tests.support.audit import Recorded

KEY = ec.generate_private_key(ec.SECP256R1())
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC: dict[str, str] = jwk.construct(PEM, "ES256").public_key().to_dict() | {"kid": "k1"}
SECRET = "gateway-secret"


def token(subject: str = "u1", role: str = "user", session: str = "s1", life: float = 900) -> str:
    """An access token as svc_auth signs it."""
    now = int(time.time())
    claims = {
        "iss": "shop",
        "aud": "shop",
        "sub": subject,
        "sid": session,
        "role": role,
        "email": f"{subject}@shop.test",
        "iat": now,
        "exp": now + life,
        "jti": f"{subject}-{now}",
    }
    signed: str = jwt.encode(claims, PEM, algorithm="ES256", headers={"kid": "k1"})
    return signed


class NoRevocations:
    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        return False


async def keys() -> list[dict[str, Any]]:
    return [dict(PUBLIC)]


class OutOfStock(Refusal):
    reason = "OUT_OF_STOCK"


def shortage(_: OutOfStock) -> catalog_pb2.OutOfStock:
    line = catalog_pb2.StockShortage(product_id="p1", requested=2, available=1)
    return catalog_pb2.OutOfStock(lines=[line])


class Auth(auth_pb2_grpc.AuthServiceServicer):
    async def GetJwks(self, request: Any, context: Any) -> auth_pb2.GetJwksResponse:
        return auth_pb2.GetJwksResponse(keys=[auth_pb2.JsonWebKey(**PUBLIC)])

    async def IssueServiceToken(
        self, request: auth_pb2.IssueServiceTokenRequest, context: Any
    ) -> auth_pb2.IssueServiceTokenResponse:
        assert request.client_secret == SECRET
        issued = token(request.client_id, "service", "")
        expires = Timestamp(seconds=int(time.time()) + 900)
        return auth_pb2.IssueServiceTokenResponse(access_token=issued, expires_at=expires)

    async def SignIn(
        self, request: auth_pb2.SignInRequest, context: Any
    ) -> auth_pb2.SignInResponse:
        return auth_pb2.SignInResponse(
            user=auth_pb2.User(id="u1", email=request.email, role=auth_pb2.ROLE_USER),
            access_token=token(),
            refresh_token="r1",
        )

    async def GetCurrentUser(self, request: Any, context: Any) -> auth_pb2.GetCurrentUserResponse:
        identity = current_identity()
        if identity.kind != "user":
            return auth_pb2.GetCurrentUserResponse()
        return auth_pb2.GetCurrentUserResponse(current_user=auth_pb2.User(id=identity.id))

    async def ListSessions(self, request: Any, context: Any) -> auth_pb2.ListSessionsResponse:
        return auth_pb2.ListSessionsResponse(
            sessions=[auth_pb2.Session(id=current_identity().session_id)]
        )


class Catalog(catalog_pb2_grpc.CatalogServiceServicer):
    def __init__(self) -> None:
        self.uploaded: dict[str, bytes] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.waiting = asyncio.Event()

    async def ListProducts(
        self, request: catalog_pb2.ListProductsRequest, context: Any
    ) -> catalog_pb2.ListProductsResponse:
        self.waiting.set()
        await self.gate.wait()
        return catalog_pb2.ListProductsResponse(
            products=[catalog_pb2.Product(id="p1", title=request.q)], total_size=1
        )

    async def GetProduct(
        self, request: catalog_pb2.GetProductRequest, context: Any
    ) -> catalog_pb2.GetProductResponse:
        if request.product_id == "short":
            raise OutOfStock("Only 1 left.")
        if request.product_id == "broken":
            raise RuntimeError("inner secret")
        if request.product_id != "p1":
            raise NotFound("There is no such product.")
        product = catalog_pb2.Product(id="p1", version=3)
        return catalog_pb2.GetProductResponse(product=product)

    async def CreateProduct(
        self, request: catalog_pb2.CreateProductRequest, context: Any
    ) -> catalog_pb2.CreateProductResponse:
        url = f"/media/products/{request.image_key}/640.webp"
        product = catalog_pb2.Product(id="p2", title=request.title, image_url=url)
        return catalog_pb2.CreateProductResponse(product=product)

    async def UploadImage(
        self, requests: AsyncIterator[catalog_pb2.UploadImageRequest], context: Any
    ) -> catalog_pb2.UploadImageResponse:
        key = "0" * 32
        self.uploaded[key] = b"".join([request.chunk async for request in requests])
        return catalog_pb2.UploadImageResponse(image_key=key)

    async def GetImage(self, request: catalog_pb2.GetImageRequest, context: Any) -> HttpBody:
        return HttpBody(content_type="image/webp", data=self.uploaded[request.image_key])


class Notify(notify_pb2_grpc.NotifyServiceServicer):
    def __init__(self) -> None:
        self.log: dict[str, list[notify_pb2.LiveMessage]] = {}
        self.streams: set[asyncio.Queue[notify_pb2.LiveMessage]] = set()
        self.subscribed = asyncio.Event()

    def tell(self, audience: str, order_id: str) -> None:
        entries = self.log.setdefault(audience, [])
        message = notify_pb2.LiveMessage(
            audience=audience, sequence=len(entries) + 1, type="order.completed"
        )
        message.data.Pack(notify_pb2.OrderNotice(order_id=order_id))
        entries.append(message)
        for stream in self.streams:
            stream.put_nowait(message)

    async def Subscribe(
        self, request: Any, context: Any
    ) -> AsyncIterator[notify_pb2.SubscribeResponse]:
        stream: asyncio.Queue[notify_pb2.LiveMessage] = asyncio.Queue()
        self.streams.add(stream)
        try:
            yield notify_pb2.SubscribeResponse()
            self.subscribed.set()
            while True:
                yield notify_pb2.SubscribeResponse(message=await stream.get())
        finally:
            self.streams.discard(stream)
            self.subscribed.clear()

    async def ListMessages(
        self, request: notify_pb2.ListMessagesRequest, context: Any
    ) -> notify_pb2.ListMessagesResponse:
        entries = self.log.get(request.audience, [])
        after = request.after_sequence
        messages = entries[after : after + 500] if after >= 0 else []
        return notify_pb2.ListMessagesResponse(messages=messages, latest_sequence=len(entries))


class Server:
    """A gRPC server that can be stopped and started again at its port."""

    def __init__(self, add: Callable[[Any], None]) -> None:
        self._add = add
        self.port = 0
        self._stop: Callable[[], Awaitable[None]] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self) -> None:
        guard = Guard(TokenVerifier(keys, NoRevocations()))
        guard.add_details({OutOfStock: shortage})
        guard.record_in(Recorded())
        server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        self._add(guard.on(server))
        self.port = server.add_insecure_port(f"127.0.0.1:{self.port}")
        await server.start()

        async def stop() -> None:
            await server.stop(None)

        self._stop = stop

    async def stop(self) -> None:
        if self._stop is not None:
            await self._stop()
            self._stop = None

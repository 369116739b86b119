"""A world for the gateway without sockets: fake services, a fake log, a fake verifier."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import grpc
import httpx
from google.protobuf.message import Message
from grpc.aio import AioRpcError, Metadata
from shop.options.v1 import options_pb2
from starlette.types import ASGIApp

from chassis.auth.identity import Identity
from chassis.errors import Refusal, Unauthenticated
from chassis.http.server import DEFAULT_LIMITS, HttpLimits
from chassis.kafka.follower import Follower
from chassis.resilience.backoff import Backoff
from chassis.resilience.rate_limits import RateLimits
from chassis.rpc.status import status_of, trailing
from gateway.app import build_app
from gateway.contract import Rpc
from gateway.dependencies import Dependencies
from gateway.live.frames import Entry, content_of
from gateway.live.registry import Registry
from gateway.settings import Settings
from tests.support.counters import SharedCounters

Answer = Callable[[Any], Message]
NO_PAUSES = Backoff(0.0, 0.0)


class Made(NamedTuple):
    """A call that was made."""

    path: str
    request: Any
    timeout: float
    metadata: dict[str, str]


class FakeCalls:
    """Services that answer what they are given, by the RPC's name, or by that and the service."""

    services = ("cart", "orders")

    def __init__(self) -> None:
        self.by_service: dict[tuple[str, str], Answer] = {}
        self.hanging: set[str | None] = set()
        self.answers: dict[str, Answer] = {}
        self.made: list[Made] = []
        self.begun: list[str] = []
        self.asked: list[str | None] = []

    def unary(self, rpc: Rpc, service: str | None = None) -> Any:
        async def answer(request: Message, timeout: float, metadata: Any) -> Message:
            self.asked.append(service)
            if service in self.hanging:
                await asyncio.Event().wait()
            return self._answer(rpc, request, timeout, metadata, service or "")

        def call(request: Message, *, timeout: float, metadata: Any) -> Any:
            self.begun.append(rpc.method.name)
            return asyncio.ensure_future(answer(request, timeout, metadata))

        return call

    def client_stream(self, rpc: Rpc) -> Any:
        async def call(
            requests: AsyncIterable[Message], *, timeout: float, metadata: Any
        ) -> Message:
            return self._answer(rpc, [item async for item in requests], timeout, metadata)

        return call

    def _answer(
        self, rpc: Rpc, request: Any, timeout: float, metadata: Any, service: str = ""
    ) -> Message:
        self.made.append(Made(rpc.path, request, timeout, dict(metadata)))
        name = rpc.method.name
        answer = self.by_service.get((name, service)) or self.answers.get(name)
        return rpc.response() if answer is None else answer(request)

    @property
    def last(self) -> Made:
        return self.made[-1]


class HeldCalls(FakeCalls):
    """Services of which one answers only when it is let; it reads before that."""

    def __init__(self) -> None:
        super().__init__()
        self.may_answer = asyncio.Event()
        self.has_read = asyncio.Event()

    def unary(self, rpc: Rpc, service: str | None = None) -> Any:
        call = super().unary(rpc, service)
        if rpc.method.name != "GetProduct":
            return call

        async def held(request: Any, *, timeout: float, metadata: Any) -> Any:
            answer = await call(request, timeout=timeout, metadata=metadata)
            self.has_read.set()
            await self.may_answer.wait()
            return answer

        return held


class FakeSource:
    """A log of live messages in memory."""

    def __init__(self) -> None:
        self.log: dict[str, list[Entry]] = {}
        self.stream: asyncio.Queue[Entry | Exception | None] = asyncio.Queue()
        self.failure: Exception | None = None
        self.lists: list[tuple[str, int]] = []
        self.may_list = asyncio.Event()
        self.may_list.set()
        self.page = 500
        self.expired: dict[str, int] = {}

    def add(self, audience: str, *, is_heard: bool = True) -> Entry:
        """A new message; one that is not heard is in the log, but was lost on the stream."""
        entries = self.log.setdefault(audience, [])
        entry = Entry(audience, len(entries) + 1, content(audience, len(entries) + 1))
        entries.append(entry)
        if is_heard:
            self.stream.put_nowait(entry)
        return entry

    async def subscribe(self) -> AsyncGenerator[Entry | None, None]:
        yield None
        while True:
            item = await self.stream.get()
            if isinstance(item, Exception):
                raise item
            yield item

    async def after(self, audience: str, sequence: int) -> list[Entry]:
        self.lists.append((audience, sequence))
        await self.may_list.wait()
        self._fail()
        sequence = max(sequence, self.expired.get(audience, 0))
        return self.log.get(audience, [])[sequence : sequence + self.page]

    async def latest(self, audience: str) -> int:
        await self.may_list.wait()
        self._fail()
        return len(self.log.get(audience, []))

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


def content(audience: str, number: int) -> bytes:
    return content_of("order.created", "2026-11-23T09:30:00Z", {"of": audience, "number": number})


class FakeVerifier:
    """Knows the tokens it was told of."""

    def __init__(self) -> None:
        self.identities: dict[str, Identity] = {}
        self.failure: Refusal | None = None
        self.checked: list[str] = []

    def knows(self, token: str, **fields: Any) -> Identity:
        values: dict[str, Any] = {
            "id": "u1",
            "role": "user",
            "session_id": "s1",
            "expires_at": 4e9,
        } | fields
        self.identities[token] = Identity("user", token=token, **values)
        return self.identities[token]

    async def verify(self, token: str) -> Identity:
        if self.failure is not None:
            raise self.failure
        return await self.identify(token)

    async def identify(self, token: str) -> Identity:
        if token not in self.identities:
            raise Unauthenticated("The token is not valid.")
        return self.identities[token]

    async def check(self, identity: Identity) -> None:
        if identity.kind == "user":
            self.checked.append(identity.token)
            await asyncio.sleep(0)
            if self.failure is not None:
                raise self.failure


ADMIN, SERVICE = "t0k3n", "s3rv1ce"


def token_for(rpc: Rpc) -> str:
    """A token whose owner may call an RPC."""
    return SERVICE if rpc.callers == {options_pb2.CALLER_SERVICE} else ADMIN


@dataclass
class World:
    """The gateway in its fake world."""

    app: ASGIApp
    calls: FakeCalls
    source: FakeSource
    verifier: FakeVerifier
    registries: list[Registry]
    followers: list[Follower]
    checks: dict[str, Any]
    watched: dict[str, Any]

    def client(self, **options: Any) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=("203.0.113.9", 1))
        return httpx.AsyncClient(transport=transport, base_url="http://shop.test", **options)


async def _passes() -> None:
    return


def make_world(
    limits: HttpLimits = DEFAULT_LIMITS, calls: FakeCalls | None = None, **settings: Any
) -> World:
    """The gateway.

    Args:
        limits: How long it waits for clients.
        calls: The services; None for such as answer at once.
        settings: Those that are not as usual.
    """
    calls, source, verifier = calls or FakeCalls(), FakeSource(), FakeVerifier()
    verifier.knows(ADMIN, id="a0", role="admin")
    verifier.identities[SERVICE] = Identity("service", "orders", "service", token=SERVICE)
    registries: list[Registry] = []
    checks: dict[str, Any] = {"keys": _passes}
    watched: dict[str, Any] = {"redis": _passes}

    async def hear(registry: Registry) -> None:
        registries.append(registry)
        await asyncio.Event().wait()

    followers: list[Follower] = []

    async def follow(topics: Collection[str], follower: Follower) -> None:
        assert {"product.created", "product.updated", "product.deleted"} == set(topics)
        followers.append(follower)
        await asyncio.Event().wait()

    gateway = build_app(
        make_settings(**settings),
        lambda _: Dependencies(
            calls=calls,
            message_log=source,
            verifier=verifier,
            verify=verifier.verify,
            counted=RateLimits(SharedCounters()),
            hear_changes=follow,
            hear_revocations=hear,
            checks=checks,
            watched=watched,
            services=lambda: {"shop.cart.v1": "idle"},
            close=_passes,
        ),
        limits,
        live_backoff=NO_PAUSES,
    )
    return World(gateway.app, calls, source, verifier, registries, followers, checks, watched)


def make_settings(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "auth_url": "auth:1",
        "client_secret": "secret",
        "redis_url": "redis://redis",
        "port": 8000,
        "ops_port": 8080,
        "catalog_url": "catalog:1",
        "cart_url": "cart:1",
        "orders_url": "orders:1",
        "payments_url": "payments:1",
        "notify_url": "notify:1",
        "kafka_url": "kafka:1",
        # A test asks as often as it likes.
        "rate_limits": {},
    }
    return Settings(**(values | changes))


def rpc_error(code: grpc.StatusCode, details: str = "inner secret") -> AioRpcError:
    """A failed call of a service that says nothing of why."""
    return AioRpcError(code, Metadata(), Metadata(), details=details)


def refused(
    reason: str,
    message: str = "",
    fields: Sequence[tuple[str, str]] = (),
    details: Sequence[Message] = (),
) -> Answer:
    """A service that refuses, as the chassis does."""
    status = status_of(reason, message, fields, details)
    codes: Mapping[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}

    def answer(_: Any) -> Message:
        raise AioRpcError(
            codes[status.code], Metadata(), Metadata(*trailing(status)), details=status.message
        )

    return answer

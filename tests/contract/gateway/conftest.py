"""A gateway on real sockets, before small real gRPC servers and a real Redis."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from redis.asyncio import Redis
from shop.auth.v1 import auth_pb2_grpc
from shop.catalog.v1 import catalog_pb2_grpc
from shop.notify.v1 import notify_pb2_grpc

from chassis.auth.revocations import HEARTBEAT
from chassis.http.server import DEFAULT_LIMITS, HttpLimits
from gateway.__main__ import serve
from gateway.settings import Settings
from tests.contract.gateway.services import SECRET, Auth, Catalog, Notify, Server

PATIENCE_SECONDS = 20.0


@dataclass
class Backends:
    """The services and their servers."""

    catalog: Catalog
    notify: Notify
    servers: dict[str, Server]


@pytest.fixture
async def backends(anyio_backend: str) -> AsyncIterator[Backends]:
    catalog, notify = Catalog(), Notify()
    servers = {
        "auth": Server(lambda s: auth_pb2_grpc.add_AuthServiceServicer_to_server(Auth(), s)),
        "catalog": Server(
            lambda s: catalog_pb2_grpc.add_CatalogServiceServicer_to_server(catalog, s)
        ),
        "notify": Server(lambda s: notify_pb2_grpc.add_NotifyServiceServicer_to_server(notify, s)),
    }
    for server in servers.values():
        await server.start()
    yield Backends(catalog, notify, servers)
    for server in servers.values():
        await server.stop()


@dataclass
class RunningGateway:
    """The running gateway's address."""

    port: int

    def client(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", timeout=PATIENCE_SECONDS, **options
        )

    @property
    def live_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/notifications"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settings_for(backends: Backends, redis_url: str, **changes: Any) -> Settings:
    nowhere = f"127.0.0.1:{free_port()}"
    values: dict[str, Any] = {
        "port": free_port(),
        "ops_port": free_port(),
        "client_secret": SECRET,
        "redis_url": redis_url,
        "auth_url": backends.servers["auth"].address,
        "catalog_url": backends.servers["catalog"].address,
        "notify_url": backends.servers["notify"].address,
        "cart_url": nowhere,
        "orders_url": nowhere,
        "payments_url": nowhere,
        "kafka_url": nowhere,
        "read_timeout": timedelta(seconds=1),
    }
    return Settings(**(values | changes))


@pytest.fixture
async def revocations_url(redis_url: str) -> str:
    # What svc_auth vouches for: no revocation is missing.
    async with Redis.from_url(redis_url) as redis:
        await redis.set(HEARTBEAT, 1)
    return redis_url


@pytest.fixture
def limits() -> HttpLimits:
    """Those of `gateway`, for a test to be parametrized with others."""
    return DEFAULT_LIMITS


@pytest.fixture
async def gateway(
    backends: Backends, revocations_url: str, limits: HttpLimits
) -> AsyncIterator[RunningGateway]:
    settings = settings_for(backends, revocations_url)
    stopping = asyncio.Event()
    serving = asyncio.create_task(serve(settings, stopping, limits))
    gateway = RunningGateway(settings.port)
    await healthy(gateway)
    yield gateway
    stopping.set()
    await serving


async def healthy(gateway: RunningGateway) -> None:
    """Wait until the gateway answers."""
    async with asyncio.timeout(PATIENCE_SECONDS), gateway.client() as client:
        while True:
            try:
                await client.get("/api/health")
            except httpx.ConnectError:
                await asyncio.sleep(0.02)
            else:
                return


@pytest.fixture
async def client(gateway: RunningGateway) -> AsyncIterator[httpx.AsyncClient]:
    async with gateway.client() as client:
        yield client

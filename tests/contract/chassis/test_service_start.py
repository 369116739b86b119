"""What a service waits for before it takes calls."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import grpc
import httpx
import pytest
from shop.auth.v1 import auth_pb2_grpc

from chassis.service import Service
from chassis.settings.environment import ServiceSettings
from tests.contract.gateway.services import Auth
from tests.support.running import free_port

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20.0


async def wire_nothing(_: Service[ServiceSettings]) -> None:
    """A service that serves nothing but its health."""


@pytest.fixture
async def settings() -> AsyncIterator[ServiceSettings]:
    """Of a service that starts now, with nothing there."""
    settings = ServiceSettings(
        auth_url=f"127.0.0.1:{free_port()}",
        client_secret="secret",
        redis_url="redis://127.0.0.1:1/0",
        grpc_port=free_port(),
        ops_port=free_port(),
        mongodb_url="mongodb://127.0.0.1:1/nothing",
        kafka_url="127.0.0.1:1",
    )
    stopping = asyncio.Event()
    async with AsyncExitStack() as stack:
        service = Service("svc_test", settings, stack)
        running = asyncio.create_task(service.run(wire_nothing, stopping))
        yield settings
        stopping.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await running


async def checks(settings: ServiceSettings) -> dict[str, str]:
    """What the service says of its readiness; empty before it says anything."""
    async with httpx.AsyncClient() as client:
        try:
            response = await client.get(f"http://127.0.0.1:{settings.ops_port}/api/ready")
        except httpx.ConnectError:
            return {}
        states: dict[str, str] = response.json()["checks"]
        return states


async def test_it_takes_calls_once_it_can_tell_who_calls(settings: ServiceSettings) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await checks(settings)).get("keys") != "Unavailable":
            await asyncio.sleep(0.02)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", settings.grpc_port))

    auth = grpc.aio.server()
    auth_pb2_grpc.add_AuthServiceServicer_to_server(Auth(), auth)
    auth.add_insecure_port(settings.auth_url)
    await auth.start()
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await checks(settings) != {"keys": "ok"}:
                await asyncio.sleep(0.02)
        with socket.create_connection(("127.0.0.1", settings.grpc_port)):
            pass
    finally:
        await auth.stop(None)

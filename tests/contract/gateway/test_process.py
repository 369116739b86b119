"""The gateway as a process: how it starts, and how it ends."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import psutil
import pytest
from websockets.asyncio.client import connect

from gateway.settings import Settings
from tests.contract.gateway.conftest import (
    PATIENCE_SECONDS,
    Backends,
    RunningGateway,
    free_port,
    healthy,
    settings_for,
)
from tests.contract.gateway.test_live_updates import close_code, receive

pytestmark = pytest.mark.anyio

KEYS = (
    *("PORT", "OPS_PORT", "CLIENT_SECRET", "REDIS_URL", "AUTH_URL", "CATALOG_URL", "CART_URL"),
    *("ORDERS_URL", "PAYMENTS_URL", "NOTIFY_URL", "KAFKA_URL"),
)


def environment(settings: Settings) -> dict[str, str]:
    return {key: str(getattr(settings, key.lower())) for key in KEYS}


@asynccontextmanager
async def started(values: dict[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        env={name: value for name, value in os.environ.items() if name not in KEYS} | values,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> tuple[int | None, str]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        _, errors = await process.communicate()
    return process.returncode, errors.decode()


async def test_sigterm_finishes_what_is_under_way(backends: Backends, revocations_url: str) -> None:
    settings = settings_for(backends, revocations_url)
    gateway = RunningGateway(settings.port)
    backends.catalog.gate.clear()
    values = environment(settings) | {"READ_TIMEOUT": "15s"}
    async with started(values) as process, gateway.client() as client:
        await healthy(gateway)
        async with connect(gateway.live_url) as socket:
            await receive(socket)
            request = asyncio.create_task(client.get("/api/products"))
            async with asyncio.timeout(PATIENCE_SECONDS):
                await backends.catalog.waiting.wait()
            process.send_signal(signal.SIGTERM)
            assert await close_code(socket) == 1012
        with pytest.raises(httpx.ConnectError):
            async with gateway.client() as late:
                await late.get("/api/health")
        backends.catalog.gate.set()
        assert (await request).status_code == 200
        assert await ended(process) == (0, "")


async def test_it_starts_while_everything_else_is_away(backends: Backends) -> None:
    for server in backends.servers.values():
        await server.stop()
    settings = settings_for(backends, "redis://127.0.0.1:1/0")
    gateway = RunningGateway(settings.port)
    async with started(environment(settings)) as process, gateway.client() as client:
        await healthy(gateway)
        assert (await client.get("/api/ready")).status_code == 503
        assert (await client.get("/api/products")).status_code == 503
        assert process.returncode is None


async def test_metrics_are_at_the_port_of_operators_alone(
    backends: Backends, revocations_url: str
) -> None:
    settings = settings_for(backends, revocations_url)
    gateway, ops = RunningGateway(settings.port), RunningGateway(settings.ops_port)
    async with started(environment(settings)), gateway.client() as client, ops.client() as own:
        await healthy(gateway)
        assert (await client.get("/metrics")).status_code == 404
        shown = await own.get("/metrics")
        assert '\nhttp_requests_total{method="GET",route="none",status="404"} 1.0\n' in shown.text
        assert 'build_info{process="gateway"' in shown.text
        assert (await own.get("/api/products")).status_code == 404


async def test_metrics_can_be_off(backends: Backends, revocations_url: str) -> None:
    settings = settings_for(backends, revocations_url)
    gateway, ops = RunningGateway(settings.port), RunningGateway(settings.ops_port)
    async with started(environment(settings) | {"METRICS": "false"}), ops.client() as own:
        await healthy(gateway)
        assert (await own.get("/api/health")).status_code == 200
        assert (await own.get("/metrics")).status_code == 404


async def test_missing_settings_are_named_one_a_line() -> None:
    async with started({}) as process:
        code, errors = await ended(process)
    assert code == 2
    assert "Traceback" not in errors
    for key in KEYS:
        assert any(line.startswith(f"gateway: {key} ") for line in errors.splitlines())


async def test_a_taken_port_is_one_line(backends: Backends, gateway: RunningGateway) -> None:
    settings = settings_for(backends, "redis://127.0.0.1:1/0", port=gateway.port)
    async with started(environment(settings)) as process:
        code, errors = await ended(process)
    assert code == 2
    assert errors.count("\n") == 1
    assert str(gateway.port) in errors


async def test_workers_share_a_port_and_the_connections_to_it(
    backends: Backends, revocations_url: str
) -> None:
    settings = settings_for(backends, revocations_url)
    shared, ones, others = (
        RunningGateway(port) for port in (settings.port, free_port(), free_port())
    )
    values = environment(settings) | {"SHARES_PORT": "true"}
    async with (
        started(values | {"OPS_PORT": str(ones.port)}) as one,
        started(values | {"OPS_PORT": str(others.port)}) as other,
        # So many that both have some.
        shared.client(limits=httpx.Limits(max_connections=64)) as client,
    ):
        await healthy(ones)
        await healthy(others)
        answers = [client.get("/api/products") for _ in range(64)]
        assert {answer.status_code for answer in await asyncio.gather(*answers)} == {200}
        assert all(connections(worker.pid, shared) for worker in (one, other))
        # It goes on where one of them has ended, and where another one has begun.
        one.send_signal(signal.SIGTERM)
        assert await ended(one) == (0, "")
        await healthy(shared)
        async with started(values | {"OPS_PORT": str(ones.port)}) as next_one:
            await healthy(ones)
            other.kill()
            await other.wait()
            await healthy(shared)
            assert next_one.returncode is None


def connections(pid: int, gateway: RunningGateway) -> int:
    """How many a process has to clients that came in by a gateway."""
    return sum(
        each.status == psutil.CONN_ESTABLISHED and each.laddr[1] == gateway.port
        for each in psutil.Process(pid).net_connections("tcp")
    )

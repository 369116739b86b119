"""What a client may do with its connection, and for how long."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from chassis.http.body_timeout import TOO_SLOW
from chassis.http.server import HttpLimits
from tests.contract.gateway.conftest import PATIENCE_SECONDS, Backends, RunningGateway

pytestmark = pytest.mark.anyio

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
ORDER = b"POST /api/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
LONG_BODY = b"Content-Length: 500000\r\n\r\n"


@asynccontextmanager
async def connected(gateway: RunningGateway) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    async with asyncio.timeout(PATIENCE_SECONDS):
        yield reader, writer
    writer.close()


async def dribble(writer: asyncio.StreamWriter) -> None:
    """Send a byte now and then, for as long as there is somebody to take it."""
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("limits", [HttpLimits(linger=0.05)])
async def test_an_answer_before_the_body_has_ended_is_the_last_and_ends_the_connection(
    gateway: RunningGateway,
) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(ORDER + LONG_BODY)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 401 ")
        assert b"connection: close" in head.lower()
        with pytest.raises(ConnectionError):
            await dribble(writer)


async def test_a_body_that_has_ended_keeps_the_connection(gateway: RunningGateway) -> None:
    async with connected(gateway) as (reader, writer):
        for _ in range(2):
            writer.write(ORDER + b"Content-Length: 2\r\n\r\n{}")
            head = await reader.readuntil(b"\r\n\r\n")
            assert b"connection: close" not in head.lower()
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            assert json.loads(await reader.readexactly(length))["status"] == 401


async def test_what_is_still_sent_does_not_cost_the_client_its_answer(
    client: httpx.AsyncClient,
) -> None:
    picture = {"image": ("lamp.png", b"x" * 7_600_000, "image/png")}
    for _ in range(25):
        headers = {"cookie": "session=forged"}
        response = await client.post("/api/products", files=picture, headers=headers)
        assert (response.status_code, response.json()["reason"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("limits", [HttpLimits(body=0.1, linger=0.05)])
async def test_a_body_that_takes_too_long_is_refused_and_the_connection_ends(
    gateway: RunningGateway,
) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(ORDER.replace(b"orders", b"users/signin") + b"Content-Length: 5000\r\n\r\n")
        with pytest.raises(ConnectionError):
            await dribble(writer)
    async with connected(gateway) as (reader, writer):
        writer.write(ORDER.replace(b"orders", b"users/signin") + b"Content-Length: 5000\r\n\r\n")
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert TOO_SLOW.encode() in answer


@pytest.mark.parametrize("limits", [HttpLimits(request=0.05)])
async def test_a_request_that_takes_too_long_in_all_ends_the_connection(
    gateway: RunningGateway, backends: Backends
) -> None:
    backends.catalog.gate.clear()
    async with connected(gateway) as (reader, writer):
        writer.write(b"GET /api/products HTTP/1.1\r\nHost: x\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            await reader.read()


@pytest.mark.parametrize("limits", [HttpLimits(stall=0.1)])
async def test_a_client_that_reads_nothing_is_left(gateway: RunningGateway) -> None:
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", gateway.port))
        client.setblocking(False)
        request = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
        for _ in range(100):
            await asyncio.get_running_loop().sock_sendall(client, request)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                await asyncio.sleep(0.02)


@pytest.mark.parametrize("limits", [HttpLimits(stall=0.1)])
async def test_a_client_that_reads_slowly_gets_all(gateway: RunningGateway) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        assert len(await reader.readexactly(length)) == length > 100_000


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /api/health HTTP/1.1\r\n", b"400"),
        (b"GET /api/health HTTP/1.1\r\nHost: a\r\nHost: a\r\n", b"400"),
        (b"POST /api/orders HTTP/1.1\r\nContent-Length: 2\r\n", b"400"),
        (
            b"GET /ws/notifications HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n",
            b"400",
        ),
        (b"GET /api/health HTTP/1.0\r\n", b"200"),
        (b"GET /api/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n", b"200"),
    ],
)
async def test_a_request_names_one_host(
    gateway: RunningGateway, head: bytes, status: bytes
) -> None:
    async with connected(gateway) as (reader, writer):
        writer.write(head + b"\r\n{}")
        answer = await reader.read()
        assert answer.split(b" ")[1] == status
        assert answer.count(b"HTTP/1.1 ") == 1

"""What is kept, answered by the connection itself: before any task runs, and as the app would."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from shop.catalog.v1 import catalog_pb2
from uvicorn.server import ServerState

from chassis.http.protocol import header_lines
from chassis.http.server import DEFAULT_LIMITS, HttpConfig, HttpLimits
from gateway.app import GatewayHttp
from tests.unit.gateway.fakes import World

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 20.0
LAMP, OTHER = "/api/products/p1", "/api/products/p2"


class Wire(asyncio.Transport):
    """A client's connection that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.packets = 0
        self.protocol: asyncio.BaseProtocol | None = None
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += data
        self.packets += 1

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def get_protocol(self) -> asyncio.BaseProtocol:
        assert self.protocol is not None
        return self.protocol

    def get_write_buffer_size(self) -> int:
        return 0

    def pause_reading(self) -> None:
        return

    def resume_reading(self) -> None:
        return


class Client:
    """What is at the other end of a wire."""

    def __init__(self, world: World, limits: HttpLimits = DEFAULT_LIMITS) -> None:
        config = HttpConfig(world.app, limits, proxy_headers=False, ws="websockets-sansio")
        config.load()
        self.wire = Wire()
        self.connection = GatewayHttp(config, ServerState(), {})
        self.wire.protocol = self.connection
        self.connection.connection_made(self.wire)

    def ask(self, path: str, *headers: str, verb: str = "GET", version: str = "1.1") -> bytes:
        """Send a request; what is answered before anything else runs."""
        lines = [f"{verb} {path} HTTP/{version}", "Host: shop.test", *headers, "", ""]
        before = len(self.wire.written)
        self.connection.data_received("\r\n".join(lines).encode())
        return self.wire.written[before:]

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not is_so():
                await asyncio.sleep(0)

    def hang_up(self) -> None:
        self.connection.connection_lost(None)


@pytest.fixture
async def kept(world: World, client: httpx.AsyncClient) -> httpx.Response:
    """A product that is kept, as the app answers it."""
    product = catalog_pb2.Product(id="p1", version=3, description="long " * 200)
    world.calls.answers["GetProduct"] = lambda _: catalog_pb2.GetProductResponse(product=product)
    await client.get(LAMP)
    return await client.get(LAMP, headers={"accept-encoding": "identity", "x-request-id": "mine"})


def parts(answer: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


async def test_what_is_kept_is_answered_at_once_as_the_app_would(
    world: World, kept: httpx.Response
) -> None:
    client = Client(world)
    for _ in range(2):
        status, headers, body = parts(client.ask(LAMP, "X-Request-Id: mine"))
        assert status == "HTTP/1.1 200 OK"
        assert headers == dict(kept.headers)
        assert body == kept.content
    assert len({parts(client.ask(LAMP))[1]["x-request-id"] for _ in range(3)}) == 3
    client.hang_up()


@pytest.mark.usefixtures("kept")
async def test_the_head_alone_and_what_the_client_has_have_no_body(world: World) -> None:
    client = Client(world)
    status, headers, body = parts(client.ask(LAMP, verb="HEAD"))
    assert (status, body) == ("HTTP/1.1 200 OK", b"")
    assert int(headers["content-length"]) > 0
    status, fresh, body = parts(client.ask(LAMP, f"If-None-Match: {headers['etag']}"))
    assert (status, body) == ("HTTP/1.1 304 Not Modified", b"")
    assert "content-length" not in fresh
    assert fresh["etag"] == headers["etag"]
    assert parts(client.ask(LAMP, "Accept-Encoding: gzip"))[1]["content-encoding"] == "gzip"
    client.hang_up()


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("headers", "options"),
    [
        (["Content-Length: 0"], {}),
        (["Connection: close"], {}),
        ([], {"version": "1.0"}),
        ([], {"verb": "POST"}),
        (["Authorization: Basic eA=="], {}),
    ],
)
async def test_what_is_not_everyday_is_left_to_the_app(
    world: World, headers: list[str], options: dict[str, str]
) -> None:
    client = Client(world)
    assert client.ask(LAMP, *headers, **options) == b""
    await client.until(lambda: client.wire.written.startswith(b"HTTP/1.1 "))
    client.hang_up()


@pytest.mark.usefixtures("kept")
async def test_answers_are_in_the_order_of_the_requests(world: World) -> None:
    client = Client(world)
    assert client.ask(OTHER, "X-Request-Id: first") == b""
    assert client.ask(LAMP, "X-Request-Id: second") == b""
    await client.until(lambda: client.wire.written.count(b"HTTP/1.1 200 OK") == 2)
    first, second = (client.wire.written.index(each) for each in (b": first\r", b": second\r"))
    assert first < second
    assert client.ask(LAMP).startswith(b"HTTP/1.1 200 OK")
    client.hang_up()


@pytest.mark.usefixtures("kept")
async def test_a_client_that_does_not_read_waits(world: World) -> None:
    client = Client(world)
    client.connection.pause_writing()
    assert client.ask(LAMP) == b""
    client.connection.resume_writing()
    await client.until(lambda: client.wire.written.startswith(b"HTTP/1.1 200 OK"))
    client.hang_up()


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("is_answered", [True, False])
async def test_a_client_that_says_no_more_is_left(world: World, is_answered: bool) -> None:
    client = Client(world, HttpLimits(keep_alive=0.0))
    if is_answered:
        client.ask(LAMP)
    else:
        client.connection.data_received(b"\r\n")  # which begins no request
    await client.until(lambda: client.wire.is_closed)
    client.hang_up()


def test_what_could_end_a_header_is_none() -> None:
    with pytest.raises(ValueError, match="etag"):
        header_lines([(b"etag", b'"1"\r\nset-cookie: a=b')])


async def test_what_the_app_answers_is_one_packet(world: World) -> None:
    client = Client(world)
    for verb in ("GET", "HEAD"):
        client.wire.written, client.wire.packets = b"", 0
        client.ask(OTHER, verb=verb)
        await client.until(lambda: client.wire.written != b"")
        status, headers, body = parts(client.wire.written)
        assert status == "HTTP/1.1 200 OK"
        assert len(body) == (int(headers["content-length"]) if verb == "GET" else 0)
        assert client.wire.packets == 1
    client.hang_up()


async def test_a_client_that_waits_to_send_its_body_is_asked_for_it(world: World) -> None:
    client = Client(world)
    body = b'{"email": "ada@shop.test", "password": "correct horse"}'
    headers = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    client.ask("/api/users/signin", *headers, "Expect: 100-continue", verb="POST")
    await client.until(lambda: client.wire.written != b"")
    assert client.wire.written == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.connection.data_received(body)
    await client.until(lambda: client.wire.packets > 1)
    assert client.wire.written.count(b"HTTP/1.1 200 OK") == 1
    assert client.wire.written.endswith(b"}")
    client.hang_up()

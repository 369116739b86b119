"""Clients who send or read as slowly as they can, and sockets that are silent, beside a shopper."""

import asyncio
import resource
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from benchmarks.harness.sockets import open_sockets
from tests.support.people import Admin, Shop, Shopper, ok

pytestmark = pytest.mark.anyio

SLOW_CLIENTS = 64
SOCKETS = 2_000
# A socket has an end here and one in the gateway; this process has other files beside.
FILES = SOCKETS + 1_000
PAUSE_SECONDS = 0.2


@pytest.fixture
def many_files() -> Iterator[None]:
    """As many open files as this process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard == resource.RLIM_INFINITY or hard >= FILES, f"`ulimit -Hn` must be {FILES} or more"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, FILES), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_they_do_not_keep_a_shopper_from_buying(
    shop: Shop, admin: Admin, shopper: Shopper, many_files: None
) -> None:
    product = admin.add_product(quantity=5)

    def buy() -> str:
        shopper.put_in_cart(product["id"], 2)
        order = shopper.check_out()
        ok(shopper.pay(order), 201)
        return str(shopper.order_when(order["id"], "completed")["status"])

    sockets = await open_sockets(shop.url, SOCKETS)
    try:
        async with slow_clients(shop, str(shopper.client.cookies["session"])) as are_slow:
            assert await asyncio.to_thread(buy) == "completed"
            page = await asyncio.to_thread(httpx.get, shop.url)
            assert page.status_code == 200
            assert not are_slow.done()
    finally:
        for each in sockets:
            each.close()


@asynccontextmanager
async def slow_clients(shop: Shop, token: str) -> AsyncIterator[asyncio.Task[None]]:
    """Clients of three kinds: slow heads, slow bodies of orders, and answers that no one reads.

    The first two come again as soon as they are sent away, in the task that this gives.
    """
    host = urlsplit(shop.url).netloc
    head = f"POST /api/orders HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
    order = f"{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    asked = f"GET /openapi.json HTTP/1.1\r\nHost: {host}\r\n\r\n"
    share = SLOW_CLIENTS // 4
    readers = [connected(shop) for _ in range(2 * share)]
    for each in readers:
        each.sendall(asked.encode() * 50)
    kinds = [("", head.encode()), (order, b'{"idempotencyKey": "' + b"k" * 900)]
    slow = [Slow(shop, first.encode(), rest) for first, rest in kinds for _ in range(share)]
    under_way = asyncio.create_task(dribble(slow))
    try:
        yield under_way
    finally:
        under_way.cancel()
        await asyncio.wait([under_way])
        for each in [*readers, *(client.socket for client in slow)]:
            each.close()


def connected(shop: Shop) -> socket.socket:
    """A connection of a client that hardly takes anything."""
    parts = urlsplit(shop.url)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect((parts.hostname, parts.port))
    return client


class Slow:
    """A client that sends `first` at once, and `rest` byte by byte."""

    def __init__(self, shop: Shop, first: bytes, rest: bytes) -> None:
        self._shop, self._first, self._rest = shop, first, rest
        self._begin()

    def _begin(self) -> None:
        self.socket = connected(self._shop)
        self.socket.sendall(self._first)
        self._left = iter(self._rest)

    def go_on(self) -> None:
        """Send one byte more, from the beginning again where it was sent away."""
        try:
            self.socket.sendall(bytes([next(self._left)]))
        except (OSError, StopIteration):
            self.socket.close()
            self._begin()


async def dribble(clients: list[Slow]) -> None:
    """Have them go on and on."""
    while True:
        for each in clients:
            each.go_on()
        await asyncio.sleep(PAUSE_SECONDS)

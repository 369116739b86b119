"""A shop whose gateway has two processes on one port."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing

import httpx
import psutil
import pytest

from tests.support.gateways import retitled, title_at
from tests.support.people import Admin, Json, Shop, eventually
from tests.support.running import empty_shop, running_shop

WORKERS = ("gateway", "gateway-2")
RESTART_SECONDS = 60.0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A running shop with two workers, without products."""
    data = empty_shop(tmp_path_factory.mktemp("workers") / "data")
    with running_shop(data, {}, workers=2) as running:
        yield running


def processes(shop: Shop) -> Json:
    ready: Json = json.loads((shop.data / "ready.json").read_text())
    found: Json = ready["processes"]
    return found


def visitor_of(shop: Shop, worker: str) -> httpx.Client:
    """A visitor whose one connection is the worker's; the operating system chooses for each."""
    pid = processes(shop)[worker]["pid"]
    while True:
        client = shop.visitor()
        stream = client.get("/api/health").extensions["network_stream"]
        if stream.get_extra_info("client_addr") in clients_of(pid):
            return client
        client.close()


def clients_of(pid: int) -> list[tuple[str, int]]:
    """The addresses of those who are connected to a process."""
    return [tuple(each.raddr) for each in psutil.Process(pid).net_connections("tcp") if each.raddr]


def is_ready(shop: Shop, worker: str) -> bool:
    try:
        return httpx.get(f"{processes(shop)[worker]['ops']}/api/ready").status_code == 200
    except httpx.TransportError:
        return False


def test_what_one_worker_changes_ends_the_copies_of_the_other(shop: Shop, admin: Admin) -> None:
    thing = admin.add_product(quantity=1)["id"]
    one, other = (visitor_of(shop, worker) for worker in WORKERS)
    with closing(one), closing(other):
        one.cookies = admin.client.cookies
        for worker in (one, other):
            title_at(worker, thing)
        title = retitled(Admin(one), thing)
        assert title_at(one, thing) == title
        eventually(lambda: title_at(other, thing), lambda seen: seen == title)


def test_a_worker_that_dies_is_started_again_while_the_other_serves(shop: Shop) -> None:
    before = processes(shop)["gateway-2"]["pid"]
    os.kill(before, signal.SIGKILL)
    # Connections that the dead one had not taken yet are lost with it, and none after it.
    eventually(lambda: not is_ready(shop, "gateway-2"))
    for _ in range(20):
        with shop.visitor() as client:
            assert client.get("/api/products").status_code == 200
    eventually(
        lambda: processes(shop)["gateway-2"]["pid"],
        lambda pid: pid not in {before, None},
        RESTART_SECONDS,
    )
    eventually(lambda: is_ready(shop, "gateway-2"), seconds=RESTART_SECONDS)

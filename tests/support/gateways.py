"""Another gateway in front of a running shop, and the copies that a gateway keeps."""

import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import httpx
import psutil

from tests.support.people import Admin, Json, Shop, eventually, ok
from tests.support.running import STOP_SECONDS, free_port

# Longer than a copy lives at a gateway that hears of no changes.
LONG_SECONDS = 2


@contextmanager
def another_gateway(shop: Shop) -> Iterator[Shop]:
    """The shop behind a second gateway, which has the settings of the first."""
    port = free_port()
    settings = psutil.Process(shop.ready["processes"]["gateway"]["pid"]).environ()
    url = f"http://127.0.0.1:{port}"
    log = shop.data / "logs" / f"gateway-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gateway"],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**settings, "PORT": str(port), "OPS_PORT": str(free_port())},
        )
        try:
            eventually(lambda: _is_ready(url))
            yield replace(shop, ready={**shop.ready, "url": url})
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def wait_until_copies_live_long(client: httpx.Client, product_id: str) -> None:
    """Return once a gateway has answered with a copy that it keeps only while it hears events."""
    eventually(
        lambda: int(client.get(f"/api/products/{product_id}").headers["age"]),
        lambda age: age >= LONG_SECONDS,
    )


def retitled(admin: Admin, product_id: str) -> str:
    """Change a product's title; the new one."""
    title = f"Test thing {uuid.uuid4().hex[:12]}"
    changed: Json = ok(admin.client.patch(f"/api/products/{product_id}", json={"title": title}))
    assert changed["product"]["title"] == title
    return title


def title_at(client: httpx.Client, product_id: str) -> str:
    """A product's title as a gateway tells it."""
    return str(ok(client.get(f"/api/products/{product_id}"))["product"]["title"])


def title_in_list_at(client: httpx.Client, product_id: str) -> str:
    """The same in a list."""
    [product] = ok(client.get("/api/products", params={"q": product_id}))["products"]
    return str(product["title"])


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/ready").status_code == 200
    except httpx.TransportError:
        return False

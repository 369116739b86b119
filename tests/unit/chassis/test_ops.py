"""The probes of a service."""

import asyncio
import json
from collections.abc import Mapping
from typing import cast

import pytest

from chassis.http.probes import Check, OpsServer, Probes
from chassis.telemetry.metrics import Scrapes

pytestmark = pytest.mark.anyio


async def passes() -> None:
    return


async def fails() -> None:
    raise ConnectionError("waiting for partitions")


class Client:
    """The other end of a connection, as asyncio's writer to it."""

    def __init__(self) -> None:
        self.received = b""
        self.is_closed = False

    def write(self, data: bytes) -> None:
        self.received += data

    async def drain(self) -> None:
        """All was read."""

    def close(self) -> None:
        self.is_closed = True


async def sent(
    request: bytes,
    checks: Mapping[str, Check] | None = None,
    reported: Mapping[str, Check] | None = None,
    scrapes: Scrapes | None = None,
) -> tuple[str, bytes]:
    """The head and the body of what is answered to `request`, after which the client sends no more.

    Empty where there is no answer. The connection is closed.
    """
    server = OpsServer(Probes("svc_cart", checks or {}, reported or {}), scrapes, "127.0.0.1", 0)
    reader, client = asyncio.StreamReader(limit=1024), Client()
    reader.feed_data(request)
    reader.feed_eof()
    await server.serve(reader, cast("asyncio.StreamWriter", client))
    assert client.is_closed
    head, _, body = client.received.partition(b"\r\n\r\n")
    return head.decode(), body


def request(method: str, target: str) -> bytes:
    return f"{method} {target} HTTP/1.1\r\nhost: svc_cart\r\n\r\n".encode()


async def test_healthy_whatever_the_checks_say() -> None:
    head, body = await sent(request("GET", "/api/health"), {"mongodb": fails})
    assert head.splitlines()[0] == "HTTP/1.1 200 OK"
    assert json.loads(body) == {"status": "ok", "process": "svc_cart"}


async def test_not_ready_while_a_check_fails() -> None:
    ready = request("GET", "/api/ready")
    head, body = await sent(ready, {"mongodb": fails, "keys": passes}, {"kafka": passes})
    assert head.splitlines()[0] == "HTTP/1.1 503 Service Unavailable"
    assert json.loads(body)["status"] == "unready"


async def test_ready_without_kafka_which_is_reported() -> None:
    ready = request("GET", "/api/ready?from=kubelet")
    head, body = await sent(ready, {"mongodb": passes}, {"kafka": fails})
    assert head.splitlines()[0] == "HTTP/1.1 200 OK"
    assert f"content-length: {len(body)}" in head.splitlines()
    assert json.loads(body) == {
        "status": "ok",
        "process": "svc_cart",
        "checks": {"mongodb": "ok", "kafka": "ConnectionError"},
    }


async def test_metrics_are_shown_in_the_form_that_is_accepted() -> None:
    head, body = await sent(request("GET", "/metrics"), scrapes=Scrapes())
    assert "content-type: text/plain; version=0.0.4" in head
    assert b"\nprocess_cpu_seconds_total " in body
    wanted = b"accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3\r\n\r\n"
    opened = request("GET", "/metrics").removesuffix(b"\r\n") + wanted
    head, body = await sent(opened, scrapes=Scrapes())
    assert "content-type: application/openmetrics-text; version=1.0.0" in head
    assert body.endswith(b"# EOF\n")
    assert f"content-length: {len(body)}" in head.splitlines()


async def test_there_are_none_where_they_are_off() -> None:
    head, _ = await sent(request("GET", "/metrics"))
    assert head.splitlines()[0] == "HTTP/1.1 404 Not Found"


async def test_a_head_is_answered_without_the_body() -> None:
    head, body = await sent(request("HEAD", "/api/health"))
    assert head.splitlines()[0] == "HTTP/1.1 200 OK"
    assert body == b""


@pytest.mark.parametrize(
    ("method", "target", "status"), [("GET", "/", 404), ("POST", "/api/ready", 405)]
)
async def test_there_is_nothing_else(method: str, target: str, status: int) -> None:
    head, _ = await sent(request(method, target))
    assert head.startswith(f"HTTP/1.1 {status} ")


@pytest.mark.parametrize(
    "data", [b"", b"GET /api/health HTTP/1.1\r\n", b"\x16\x03\x01\r\n\r\n", b"G" * 2048]
)
async def test_what_is_no_request_is_not_answered(data: bytes) -> None:
    assert await sent(data) == ("", b"")


async def test_an_answer_that_the_end_of_the_process_cuts_off_is_no_failure() -> None:
    server = OpsServer(Probes("svc_cart", {}, {}), None, "127.0.0.1", 0)
    writer = cast("asyncio.StreamWriter", Client())
    serving = asyncio.create_task(server.serve(asyncio.StreamReader(), writer))
    await asyncio.sleep(0)
    serving.cancel()
    await serving
    assert not serving.cancelled()

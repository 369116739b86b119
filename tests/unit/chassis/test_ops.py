"""The probes of a service."""

from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette

from chassis.http.probes import Check, probes

pytestmark = pytest.mark.anyio


async def passes() -> None:
    return


async def fails() -> None:
    raise ConnectionError("waiting for partitions")


async def ready(checks: Mapping[str, Check], reported: Mapping[str, Check]) -> httpx.Response:
    app = Starlette(routes=probes("svc_cart", checks, reported))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://svc_cart") as client:
        return await client.get("/api/ready")


async def test_not_ready_while_a_check_fails() -> None:
    answer = await ready({"mongodb": fails, "keys": passes}, {"kafka": passes})
    assert answer.status_code == 503
    assert answer.json()["status"] == "unready"


async def test_ready_without_kafka_which_is_reported() -> None:
    answer = await ready({"mongodb": passes}, {"kafka": fails})
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "process": "svc_cart",
        "checks": {"mongodb": "ok", "kafka": "ConnectionError"},
    }

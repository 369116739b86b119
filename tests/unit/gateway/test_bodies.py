import asyncio
from typing import Any

import pytest

from gateway import bodies
from gateway.bodies import read_body
from gateway.incoming import Incoming
from gateway.problems import Problem

pytestmark = pytest.mark.anyio

POST = {"type": "http", "method": "POST", "path": "/api/orders", "headers": []}


async def test_a_body_is_read_to_its_end() -> None:
    pieces = [b"a", b"", b"b"]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    assert await read_body(Incoming(dict(POST)), receive) == b"ab"


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.0)

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    async with asyncio.timeout(20):
        with pytest.raises(Problem, match="took too long"):
            await read_body(Incoming(dict(POST)), receive)

from typing import Any

import pytest

from gateway.http.body import read_body
from gateway.http.request import RequestHead

pytestmark = pytest.mark.anyio

POST = {"type": "http", "method": "POST", "path": "/api/orders", "headers": []}


async def test_a_body_is_read_to_its_end() -> None:
    pieces = [b"a", b"", b"b"]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    assert await read_body(RequestHead(dict(POST)), receive) == b"ab"

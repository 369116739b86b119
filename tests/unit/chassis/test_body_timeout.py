"""Bodies that take too long, of the API and of pages alike."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.exceptions import HTTPException

from chassis.http.body_timeout import with_body_timeout

pytestmark = pytest.mark.anyio


async def never() -> dict[str, Any]:
    await asyncio.Event().wait()
    raise AssertionError


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async with asyncio.timeout(20):
        with pytest.raises(HTTPException, match="took too long"):
            await with_body_timeout(never, 0.0)()


async def test_after_the_end_of_the_body_there_is_no_hurry() -> None:
    messages: Iterator[dict[str, Any]] = iter(
        [
            {"type": "http.request", "body": b"x", "more_body": False},
            {"type": "http.disconnect"},
        ]
    )

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0)
        return next(messages)

    receive_within = with_body_timeout(receive, 20)
    assert (await receive_within())["body"] == b"x"
    assert (await receive_within())["type"] == "http.disconnect"

"""What an app sees of a request that the pages make of it, and they of its answer."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from ui.api.client import Api
from ui.api.exchange import exchange
from ui.api.problems import ApiProblem
from ui.http.cookies import BrowserCookies

pytestmark = pytest.mark.anyio


async def test_who_listens_for_the_client_to_leave_hears_nothing_before_the_answer() -> None:
    heard: list[Message] = []

    async def app(_: Scope, receive: Receive, send: Send) -> None:
        heard.extend([await receive(), await receive(), await receive()])
        listening = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        assert not listening.done()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await send({"type": "http.response.body", "body": b"b"})
        heard.append(await listening)

    answer = await exchange(app, "POST", "/x", body=[b"1", b"2"])
    assert answer.body == b"ab"
    assert [message.get("body") for message in heard] == [b"1", b"2", b"", None]
    assert heard[-1] == {"type": "http.disconnect"}


async def test_no_answer_is_a_shop_that_does_not_answer() -> None:
    async def app(_: Scope, __: Receive, ___: Send) -> None:
        return

    with pytest.raises(ApiProblem) as caught:
        await Api(app, BrowserCookies(""), {}).get("/x")
    assert (caught.value.status, caught.value.reason) == (503, "UNAVAILABLE")

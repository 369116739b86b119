"""Live updates over a real WebSocket, a real stream and a real Redis."""

import asyncio
import json
from typing import Any

import pytest
from redis.asyncio import Redis
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from chassis.auth.revocations import STREAM, Revocation, session_key
from tests.contract.gateway.conftest import PATIENCE_SECONDS, Backends, RunningGateway
from tests.contract.gateway.services import token

pytestmark = pytest.mark.anyio


async def receive(socket: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        frame: dict[str, Any] = json.loads(await socket.recv())
        return frame


async def close_code(socket: ClientConnection) -> int | None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        try:
            while True:
                await socket.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


def cookie(**claims: Any) -> dict[str, str]:
    return {"Cookie": f"session={token(**claims)}"}


async def test_a_message_reaches_its_user(gateway: RunningGateway, backends: Backends) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await backends.notify.subscribed.wait()
    async with (
        connect(gateway.live_url, additional_headers=cookie()) as mine,
        connect(gateway.live_url, additional_headers=cookie(subject="u2", session="s2")) as theirs,
    ):
        assert (await receive(mine))["data"] == {"userId": "u1"}
        assert (await receive(theirs))["data"] == {"userId": "u2"}
        backends.notify.tell("user:u1", "o1")
        backends.notify.tell("public", "o2")
        first, second = await receive(mine), await receive(mine)
        assert (first["type"], first["data"]["orderId"]) == ("order.completed", "o1")
        assert second["data"]["orderId"] == "o2"
        assert (await receive(theirs))["data"]["orderId"] == "o2"


async def test_nothing_is_missed_while_the_client_or_the_stream_is_away(
    gateway: RunningGateway, backends: Backends
) -> None:
    async with connect(f"{gateway.live_url}?resume=", additional_headers=cookie()) as socket:
        last = (await receive(socket))["id"]
    backends.notify.tell("user:u1", "while the client was away")
    async with connect(f"{gateway.live_url}?resume={last}", additional_headers=cookie()) as socket:
        await receive(socket)
        assert (await receive(socket))["data"]["orderId"] == "while the client was away"
        await backends.servers["notify"].stop()
        backends.notify.tell("user:u1", "while the stream was down")
        await backends.servers["notify"].start()
        assert (await receive(socket))["data"]["orderId"] == "while the stream was down"


async def test_revoking_a_session_closes_its_socket_at_once(
    gateway: RunningGateway, redis_url: str
) -> None:
    mine = cookie(session="revoked-one")
    async with Redis.from_url(redis_url) as redis:
        async with connect(gateway.live_url, additional_headers=mine) as socket:
            await receive(socket)
            await redis.set(session_key("revoked-one"), "1", ex=60)
            await redis.xadd(STREAM, Revocation(60_000, session_id="revoked-one").fields())
            assert await close_code(socket) == 4401
        async with connect(gateway.live_url, additional_headers=mine) as socket:
            async with asyncio.timeout(PATIENCE_SECONDS):
                assert (await receive(socket))["data"] in ({"userId": None}, {"userId": "u1"})
    assert redis is not None


async def test_handshakes_that_are_refused(gateway: RunningGateway) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(gateway.live_url, origin="https://evil.example"):  # type: ignore[arg-type]  # its Origin is a NewType
            pass
    assert refused.value.response.status_code == 403
    problem = json.loads(refused.value.response.body or b"{}")
    assert problem["reason"] == "ORIGIN_NOT_ALLOWED"


async def test_a_message_that_is_too_big(gateway: RunningGateway) -> None:
    async with connect(gateway.live_url) as socket:
        await receive(socket)
        await socket.send("x" * 20_000)
        assert await close_code(socket) == 1009

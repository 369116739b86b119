"""The API of a gateway elsewhere, over HTTP."""

from collections.abc import AsyncIterator
from http.cookiejar import DefaultCookiePolicy

import httpx
from starlette.types import Receive, Scope, Send

from ui.api.problems import unanswered

# Longer than the gateway gives its slowest call, an upload.
TIMEOUT = httpx.Timeout(25.0, connect=2.0)

# What the client has undone already, or tells of the connection alone.
_OWN = {b"connection", b"content-encoding", b"content-length", b"transfer-encoding"}


class RemoteApi:
    """An ASGI app that has its requests answered by a gateway.

    Args:
        client: Reaches the gateway: its base URL is the gateway's. It must remember no
            cookies, since it is shared by all visitors; its maker closes it.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._client = client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            ApiProblem: The gateway does not answer.
        """
        query = scope["query_string"].decode()
        path = scope["raw_path"].decode() + (f"?{query}" if query else "")
        has_body = any(name == b"content-length" for name, _ in scope["headers"])
        request = self._client.build_request(
            scope["method"],
            path,
            headers=scope["headers"],
            content=_pieces(receive) if has_body else None,
        )
        try:
            response = await self._client.send(request)
        except httpx.TransportError as error:
            raise unanswered() from error
        headers = [each for each in response.headers.raw if each[0].lower() not in _OWN]
        await send(
            {"type": "http.response.start", "status": response.status_code, "headers": headers}
        )
        await send({"type": "http.response.body", "body": response.content})


async def _pieces(receive: Receive) -> AsyncIterator[bytes]:
    is_whole = False
    while not is_whole:
        message = await receive()
        yield message.get("body", b"")
        is_whole = not message.get("more_body", False)

"""One request to the API, which is an ASGI app, and the whole of its answer."""

import asyncio
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

Headers = list[tuple[bytes, bytes]]


class RawAnswer(NamedTuple):
    """An answer of the API; 0 for its status where there was none."""

    status: int
    headers: Headers
    body: bytes

    def values(self, name: bytes) -> list[str]:
        """The values of a header, by its name in lower case."""
        return [value.decode("latin-1") for given, value in self.headers if given.lower() == name]

    def value(self, name: bytes) -> str:
        """The first of them; empty for none."""
        return next(iter(self.values(name)), "")


async def exchange(
    api: ASGIApp,
    method: str,
    path: str,
    query: str = "",
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: Iterable[bytes] = (),
) -> RawAnswer:
    """Ask, and wait for the answer.

    Args:
        api: The API.
        method: HTTP method.
        path: Each part of it encoded.
        query: Encoded as well.
        headers: Names in lower case.
        body: The pieces of the request's body.
    """
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": list(headers),
        "client": None,
        "server": None,
    }
    pieces = chain(((piece, True) for piece in body), [(b"", False)])
    is_answered = asyncio.Event()
    status, answer_headers, answer = 0, Headers(), list[bytes]()

    async def receive() -> Message:
        piece = next(pieces, None)
        if piece is None:
            await is_answered.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": piece[0], "more_body": piece[1]}

    async def send(message: Message) -> None:
        nonlocal status, answer_headers
        if message["type"] == "http.response.start":
            status, answer_headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            answer.append(message.get("body", b""))
            if not message.get("more_body", False):
                is_answered.set()

    await api(scope, receive, send)
    return RawAnswer(status, answer_headers, b"".join(answer))

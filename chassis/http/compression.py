"""Responses compressed by gzip, where that gives nothing away."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LEAST_BYTES = 500
_LEVEL = 5
_STARTS = "http.response.start"


class Compressed:
    """An ASGI app whose responses are compressed for those who take that.

    What may not be stored is not compressed either: it is one person's own, and how well it
    compresses beside what someone else had put into it would tell of it (BREACH).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")
        answer: ASGIApp = (
            _Responder(self._app, _LEAST_BYTES, compresslevel=_LEVEL)
            if takes_gzip
            else IdentityResponder(self._app, _LEAST_BYTES)
        )
        await answer(scope, receive, send)


class _Responder(GZipResponder):
    _is_private = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_weak(message: Message) -> None:
            if message["type"] == _STARTS:
                _weaken_tag(MutableHeaders(raw=message["headers"]))
            await send(message)

        await super().__call__(scope, receive, send_weak)

    async def send_with_compression(self, message: Message) -> None:
        if message["type"] == _STARTS:
            caching = Headers(raw=message.setdefault("headers", [])).get("cache-control", "")
            self._is_private = "no-store" in caching
        if self._is_private:
            await self.send(message)
        else:
            await super().send_with_compression(message)


def _weaken_tag(headers: MutableHeaders) -> None:
    """A strong tag names the bytes, and these are others than without compression."""
    tag = headers.get("etag", "")
    if "content-encoding" in headers and tag.startswith('"'):
        headers["etag"] = f"W/{tag}"

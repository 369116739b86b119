"""Responses compressed by gzip, where that gives nothing away."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipResponder, IdentityResponder
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.http.caching import may_be_stored
from chassis.http.content_codings import accepted, weak_tag

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
        send_on = send

        async def send_first(message: Message) -> None:
            nonlocal send_on
            # Most of what is not looked up before is private, and takes no more than this.
            if message["type"] == _STARTS and may_be_stored(message["headers"]):
                send_on = self._responder(scope, send).send_with_compression
            await send_on(message)

        await self._app(scope, receive, send_first)

    def _responder(self, scope: Scope, send: Send) -> IdentityResponder:
        """What compresses one response, where the client takes that."""
        header = Headers(scope=scope).get("accept-encoding", "")
        if "gzip" in accepted(header.encode("latin-1")):
            responder: IdentityResponder = GZipResponder(
                self._app, _LEAST_BYTES, compresslevel=_LEVEL
            )
            responder.send = _weakening(send)
        else:
            responder = IdentityResponder(self._app, _LEAST_BYTES)
            responder.send = send
        return responder


def _weakening(send: Send) -> Send:
    async def send_weak(message: Message) -> None:
        if message["type"] == _STARTS:
            headers = MutableHeaders(raw=message["headers"])
            if "content-encoding" in headers and "etag" in headers:
                headers["etag"] = weak_tag(headers["etag"])
        await send(message)

    return send_weak

"""HTTP/1.1 by uvicorn and httptools, with the limits that these leave to whoever uses them."""

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.ids import new_id
from gateway.problems import Problem

MAX_HEAD_BYTES = 32 * 1024
_HEAD_SECONDS = 10.0


class LimitedHttp(HttpToolsProtocol):
    """A connection whose silence, and whose request heads, are bounded.

    httptools keeps an unfinished header as long and as large as a client makes it, and uvicorn
    waits for the first request as long as the client does.
    """

    _head_bytes = 0
    _is_in_head = False
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there: it may be silent for as long as between two requests."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived."""
        super().data_received(data)
        if self._is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes = True, 0
        self._head_timer = self.loop.call_later(_HEAD_SECONDS, self._head_is_late)

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._head_is_over()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._head_is_over()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or too much of it, and hang up."""
        self._head_is_over()
        problem = Problem("VALIDATION_FAILED", msg)
        status, headers, body = problem.response("", new_id())
        lines = [b"HTTP/1.1 %d Bad Request" % status, b"connection: close"]
        lines += [name + b": " + value for name, value in headers]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.transport.close()

    def _head_is_late(self) -> None:
        if not self.transport.is_closing():
            self.send_400_response("The head of the request took too long.")

    def _head_is_over(self) -> None:
        self._is_in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

"""HTTP/1.1 by uvicorn and httptools, with the limits that these leave to whoever uses them."""

import asyncio
import os
import socket
import struct
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.http.lingering_close import LingeringClose

MAX_HEAD_BYTES = 32 * 1024
_HEAD_SECONDS = 10.0
# Longer than a body, an upload and a call take together.
_REQUEST_SECONDS = 120.0
_STALL_SECONDS = 20.0
_AT_ONCE = struct.pack("ii", 1, 0)


class LimitedHttp(HttpToolsProtocol):
    """A connection whose silence, requests and unread answers are bounded.

    httptools keeps an unfinished header as long and as large as a client makes it. uvicorn waits
    for the first request, for the rest of a body that was answered already, and for a client that
    does not read, as long as the client does.
    """

    _head_bytes = 0
    _is_in_head = False
    _is_refused = False
    _head_timer: asyncio.TimerHandle | None = None
    _request_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None
    _unread = 0
    _lingering: LingeringClose | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there: it may be silent for as long as between two requests."""
        super().connection_made(transport)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )
        self._watch_reader()

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived."""
        if self._lingering is not None:
            self._lingering.discard(data)
            return
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
        if self._request_timer is None:
            self._request_timer = self.loop.call_later(_REQUEST_SECONDS, self._abort)

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._head_is_over()
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() != "1.0"):
            self.send_400_response("The request must name one Host.")
        if not self._is_refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a request's body is there."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A request has ended."""
        if not self._is_refused:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request was answered."""
        _cancel(self._request_timer)
        self._request_timer = None
        super().on_response_complete()
        if self._lingering is not None:
            self._unset_keepalive_if_required()
        elif self.pipeline or (self.cycle and not self.cycle.response_complete):
            self._request_timer = self.loop.call_later(_REQUEST_SECONDS, self._abort)

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; its own limits hold from here on."""
        if not self._is_refused:
            self._forget_timers()
            super().handle_websocket_upgrade()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        self._forget_timers()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, or too much of it, and hang up."""
        self._head_is_over()
        if self._is_refused:
            return
        self._is_refused = True
        headers, body = self.refusal(msg)
        lines = [b"HTTP/1.1 400 Bad Request", b"connection: close"]
        lines += [name + b": " + value for name, value in headers]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.transport.close()

    def refusal(self, sentence: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
        """Headers and body of the answer to what is no HTTP, or too much of it."""
        body = sentence.encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]
        return headers, body

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        """Serve a request; one that is answered before its body has ended is the last one."""
        cycle.transport = _LastAnswer(self, cycle)
        super()._start_asgi_task(cycle, _closing_early(cycle, app))

    def linger(self) -> None:
        """Close, but let a client that still sends read its answer first.

        Closed at once, the connection would be reset, and the answer be lost on the way.
        """
        self.flow.resume_reading()
        self._lingering = LingeringClose(self.transport, self.loop)

    def _watch_reader(self) -> None:
        """Leave a client that reads nothing of what waits for it."""
        waiting = self.transport.get_write_buffer_size()
        if self._unread and waiting >= self._unread:
            self._abort()
            return
        self._unread = waiting
        self._stall_timer = self.loop.call_later(_STALL_SECONDS, self._watch_reader)

    def resume_writing(self) -> None:
        """The client has read; what waits may grow again."""
        self._unread = 0
        super().resume_writing()

    def _abort(self) -> None:
        """Close at once; what was not read is forgotten, by the operating system too."""
        with socket.socket(fileno=os.dup(self.transport.get_extra_info("socket").fileno())) as own:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.transport.abort()

    def _head_is_late(self) -> None:
        if not self.transport.is_closing():
            self.send_400_response("The head of the request took too long.")

    def _head_is_over(self) -> None:
        self._is_in_head = False
        _cancel(self._head_timer)
        self._head_timer = None

    def _forget_timers(self) -> None:
        self._head_is_over()
        for timer in (self._request_timer, self._stall_timer):
            _cancel(timer)
        if self._lingering is not None:
            self._lingering.end()


class _LastAnswer:
    """A request's transport, which lingers where the request's body has not ended."""

    def __init__(self, protocol: LimitedHttp, cycle: Any) -> None:
        self._protocol = protocol
        self._cycle = cycle
        self.write = protocol.transport.write
        self.is_closing = protocol.transport.is_closing

    def close(self) -> None:
        """The answer was sent, and no other follows."""
        if self._cycle.more_body and self._cycle.response_complete:
            self._protocol.linger()
        else:
            self._protocol.transport.close()


def _closing_early(cycle: Any, app: ASGIApp) -> Any:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_and_close(message: Message) -> None:
            if message["type"] == "http.response.start" and cycle.more_body:
                cycle.keep_alive = False
            await send(message)

        await app(scope, receive, send_and_close)

    return answer


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()

"""HTTP/1.1 by uvicorn and httptools, with the limits that these leave to their users."""

import asyncio
import os
import socket
import struct
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

import httptools
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
)

from chassis.http.lingering_close import LingeringClose
from chassis.http.server import HttpConfig

MAX_HEAD_BYTES = 32 * 1024
_AT_ONCE = struct.pack("ii", 1, 0)


class ReadyAnswer(NamedTuple):
    """A response that is there already.

    Attributes:
        status: The HTTP status.
        lines: Its header as `header_lines` gives it, with the length of the body.
        body: Its body.
    """

    status: int
    lines: bytes
    body: bytes


def header_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as they are sent.

    Raises:
        ValueError: A name or a value may not be in a header.
    """
    lines = []
    for name, value in headers:
        if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            raise ValueError(f"{name!r} is no header")
        lines += [name, b": ", value, b"\r\n"]
    return b"".join(lines)


class LimitedHttp(HttpToolsProtocol):
    """A connection whose silence, requests and unread answers are bounded.

    httptools keeps an unfinished header as long and as large as a client makes it. uvicorn waits
    for the first request, for the rest of a body that was answered already, and for a client that
    does not read, as long as the client does.
    """

    _head_bytes = 0
    _is_in_head = False
    _is_refused = False
    _is_answered = False
    _default: Iterable[tuple[bytes, bytes]] = ()
    _default_lines = b""
    _head_timer: asyncio.TimerHandle | None = None
    _request_timer: asyncio.TimerHandle | None = None
    _stall_timer: asyncio.TimerHandle | None = None
    _unread = 0
    _lingering: LingeringClose | None = None

    def __init__(self, config: HttpConfig, *args: Any, **options: Any) -> None:
        super().__init__(config, *args, **options)
        self._limits = config.limits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there: it may be silent for as long as between two requests."""
        super().connection_made(transport)
        self._wait_for_request()
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
            elif self._head_timer is None and not self._is_refused:
                self._head_timer = self.loop.call_later(self._limits.head, self._head_is_late)
        elif self._is_idle and self.transport.get_protocol() is self:
            self._wait_for_request()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head, self._head_bytes, self._is_answered = True, 0, False

    def on_headers_complete(self) -> None:
        """The head of a request is there."""
        self._head_is_over()
        names = [name for name, _ in self.headers]
        hosts = names.count(b"host")
        if hosts > 1 or (not hosts and self.parser.get_http_version() != "1.0"):
            self.send_400_response("The request must name one Host.")
        if self._is_refused:
            return
        has_body = b"content-length" in names or b"transfer-encoding" in names
        if not has_body and self._may_answer_at_once():
            answer = self.ready_answer(self._scope())
            if answer is not None:
                self._answer_at_once(answer)
                return
        if self._request_timer is None:
            self._request_timer = self.loop.call_later(self._limits.request, self._abort)
        super().on_headers_complete()

    def ready_answer(self, _: Scope) -> ReadyAnswer | None:
        """What answers a request without a body at once; None where the app is to do so."""
        return None

    def _may_answer_at_once(self) -> bool:
        """Whether this is an everyday request, and nothing before it is under way."""
        parser = self.parser
        return (
            self._is_idle
            and not self.flow.write_paused
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
        )

    def _scope(self) -> Scope:
        """The request's scope, as far as `ready_answer` needs it."""
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        scope: Any = self.scope
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["path"] = unquote(path) if "%" in path else path
        scope["query_string"] = url.query or b""
        return scope  # type: ignore[no-any-return]

    def _answer_at_once(self, answer: ReadyAnswer) -> None:
        """Answer without a task, a cycle and messages for it."""
        self._is_answered = True
        default = self.server_state.default_headers
        # The server makes new ones with each second.
        if self._default is not default:
            self._default, self._default_lines = default, header_lines(default)
        parts = (
            STATUS_LINE[answer.status],
            self._default_lines,
            answer.lines,
            b"\r\n",
            answer.body,
        )
        self.transport.write(b"".join(parts))
        self.server_state.total_requests += 1

    def on_body(self, body: bytes) -> None:
        """A piece of a request's body is there."""
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """A request has ended."""
        if not self._is_refused and not self._is_answered:
            super().on_message_complete()

    def on_response_complete(self) -> None:
        """A request was answered."""
        _cancel(self._request_timer)
        self._request_timer = None
        super().on_response_complete()
        if self._lingering is not None:
            self._unset_keepalive_if_required()
        elif self.pipeline or (self.cycle and not self.cycle.response_complete):
            self._request_timer = self.loop.call_later(self._limits.request, self._abort)

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
        cycle.transport = _Answer(self, cycle)
        super()._start_asgi_task(cycle, _closing_early(cycle, app))

    def linger(self) -> None:
        """Close, but let a client that still sends read its answer first.

        Closed at once, the connection would be reset, and the answer be lost on the way.
        """
        self.flow.resume_reading()
        self._lingering = LingeringClose(self.transport, self.loop, self._limits.linger)

    @property
    def _is_idle(self) -> bool:
        """Whether all requests were answered."""
        return self.cycle is None or self.cycle.response_complete

    def _wait_for_request(self) -> None:
        """Leave a client that is silent for too long between two requests."""
        if self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _watch_reader(self) -> None:
        """Leave a client that reads nothing of what waits for it."""
        waiting = self.transport.get_write_buffer_size()
        if self._unread and waiting >= self._unread:
            self._abort()
            return
        self._unread = waiting
        self._stall_timer = self.loop.call_later(self._limits.stall, self._watch_reader)

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


class _Answer:
    """A request's transport: the head is sent with the body's first part, as one packet.

    It lingers where the request's body has not ended.
    """

    __slots__ = ("_cycle", "_head", "_protocol", "is_closing")

    def __init__(self, protocol: LimitedHttp, cycle: Any) -> None:
        self._protocol = protocol
        self._cycle = cycle
        self._head: bytes | None = None
        self.is_closing = protocol.transport.is_closing

    def write(self, data: bytes) -> None:
        """Send a part of the answer, or that the body may come."""
        if self._head is None and self._cycle.response_started:
            self._head = data
            return
        if self._head:
            data, self._head = self._head + data, b""
        self._protocol.transport.write(data)

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

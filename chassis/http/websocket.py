"""WebSockets by uvicorn and `websockets`, which hold little while nothing is said."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

# Pings of the protocol itself, which no browser sends and other clients send now and then.
MAX_PINGS = 60
PING_SECONDS = 10.0

_OPEN = asyncio.Event()
_OPEN.set()


class LeanWebSocket(WebSocketsSansIOProtocol):
    """A socket that keeps nothing of its handshake, and no queue or event of asyncio.

    Nor does it hold more for what a client does not read, or sends on and on: uvicorn answers each
    ping, keeps each piece of a message however short, and waits for ever to have said its last.

    Each of these has a deque, or some, of 700 bytes even while they are empty. A dict of as many
    attributes takes 1.5 kB, so that what uvicorn keeps of a socket has slots.
    """

    __slots__ = (
        *("app", "app_state", "asgi_version", "client", "close_sent", "close_timeout"),
        *("close_timer", "config", "conn", "connections", "curr_msg_data_type", "default_headers"),
        *("disconnected", "frames", "handshake_complete", "handshake_initiated"),
        *("initial_response", "last_ping_rtt", "logger", "loop", "pending_ping_payload"),
        *("pings", "pings_until"),
        *("ping_interval", "ping_sent_at", "ping_timeout", "ping_timer", "pong_timer", "queue"),
        *("read_paused", "request", "response", "root_path", "scheme", "scope", "server", "tasks"),
        *("transport", "writable"),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = _Messages()  # type: ignore[assignment]
        self.writable = _OPEN
        self.pings, self.pings_until = 0, 0.0

    def handle_ping(self) -> None:
        """Answer, if the client reads; leave one that does nothing else."""
        now = self.loop.time()
        if now >= self.pings_until:
            self.pings, self.pings_until = 0, now + PING_SECONDS
        self.pings += 1
        if self.pings > MAX_PINGS:
            self.transport.abort()
        elif self.writable is _OPEN:
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_cont(self, event: Frame) -> None:
        """Take another piece of a message; one with nothing in it tells only of the end."""
        if event.data or event.fin:
            super().handle_cont(event)

    def keepalive_timeout(self) -> None:
        """Leave a client that is not there any more."""
        super().keepalive_timeout()
        self._leave_who_does_not_read()

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """Nothing more is said to the client."""
        super().on_task_complete(task)
        self._leave_who_does_not_read()

    def _leave_who_does_not_read(self) -> None:
        """End a closed connection whose client does not read what was said before."""
        if self.transport.get_write_buffer_size():
            self.loop.call_later(self.close_timeout, self.transport.abort)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is written to."""
        self.writable = asyncio.Event()

    def resume_writing(self) -> None:
        """It has read."""
        self.writable.set()
        self.writable = _OPEN

    async def send(self, message: MutableMapping[str, Any]) -> None:  # type: ignore[override]
        """Send what the app says."""
        await super().send(message)  # type: ignore[arg-type]
        if message["type"] == "websocket.accept":
            # What parses the socket holds the request as well.
            self.request.headers.clear()
            del self.request, self.response, self.scope
        elif message["type"] == "websocket.http.response.body" and not message.get("more_body"):
            # A refusal ends the handshake as well; uvicorn would report each as an error of ours.
            self.handshake_complete = True


class _Messages:
    """What came, in order, for the one who reads it."""

    __slots__ = ("_came", "_messages")

    def __init__(self) -> None:
        self._messages: list[Any] = []
        self._came: asyncio.Future[None] | None = None

    def put_nowait(self, message: Any) -> None:
        """Add a message."""
        self._messages.append(message)
        if self._came is not None and not self._came.done():
            self._came.set_result(None)

    def empty(self) -> bool:
        """Whether there is none."""
        return not self._messages

    async def get(self) -> Any:
        """The first message, once there is one."""
        while not self._messages:
            self._came = asyncio.get_running_loop().create_future()
            await self._came
        return self._messages.pop(0)

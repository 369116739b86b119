"""WebSockets by uvicorn and `websockets`, which hold little while nothing is said."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

_OPEN = asyncio.Event()
_OPEN.set()


class LeanWebSocket(WebSocketsSansIOProtocol):
    """A socket that keeps nothing of its handshake, and no queue or event of asyncio.

    Each of these has a deque, or some, of 700 bytes even while they are empty. A dict of as many
    attributes takes 1.5 kB, so that what uvicorn keeps of a socket has slots.
    """

    __slots__ = (
        *("app", "app_state", "asgi_version", "client", "close_sent", "close_timeout"),
        *("close_timer", "config", "conn", "connections", "curr_msg_data_type", "default_headers"),
        *("disconnected", "frames", "handshake_complete", "handshake_initiated"),
        *("initial_response", "last_ping_rtt", "logger", "loop", "pending_ping_payload"),
        *("ping_interval", "ping_sent_at", "ping_timeout", "ping_timer", "pong_timer", "queue"),
        *("read_paused", "request", "response", "root_path", "scheme", "scope", "server", "tasks"),
        *("transport", "writable"),
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.queue = _Messages()  # type: ignore[assignment]
        self.writable = _OPEN

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

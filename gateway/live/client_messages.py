"""What a client may say on a connection: `auth`, `resume`, `ping`, each a JSON object."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from starlette.types import Receive
from starlette.websockets import WebSocketDisconnect

from chassis.auth.identity import Identity
from chassis.errors import Unauthenticated, Unavailable
from gateway.http.credentials import Verify
from gateway.live import frames
from gateway.live.connection import Connection
from gateway.live.frames import decode_cursor
from gateway.live.registry import Registry
from gateway.rate_limits import RATE_LIMITED

MAX_MESSAGE_BYTES = 16 * 1024
# How much a client may say in so many seconds. A resume lists what was missed and an `auth` asks
# whether a token was revoked: either counts as ten.
MAX_MESSAGES = 60
WINDOW_SECONDS = 10.0
_COSTS = {"auth": 10, "resume": 10}
_NO_ID = "id must be the id of a message."


class ClientMessages:
    """Reads what one client says and does it."""

    def __init__(
        self, receive: Receive, connection: Connection, registry: Registry, verify: Verify
    ) -> None:
        self._next = receive
        self._connection = connection
        self._registry = registry
        self._verify = verify
        self._left, self._window_ends = 0, 0.0

    async def run(self, identity: Identity, claimed: object, *, is_id_bad: bool) -> None:
        """Make the connection `identity`'s, and read until the client goes.

        Args:
            identity: Whom the handshake proved.
            claimed: The user that the handshake named, if it did.
            is_id_bad: The handshake named an id to resume after that is none.
        """
        if await self._identify(identity) and await self._is_true(claimed):
            if is_id_bad:
                await self._refuse("VALIDATION_FAILED", _NO_ID)
            await self._read()

    async def _read(self) -> None:
        while True:
            text = await self._receive()
            if len(text.encode()) > MAX_MESSAGE_BYTES:
                self._connection.close(frames.TOO_BIG)
                return
            command = _command_in(text)
            if not self._may_say(command):
                self._connection.close(frames.TOO_MUCH)
                return
            await self._handle(command)

    async def _identify(self, identity: Identity) -> bool:
        """Make the connection its user's; False where the user has too many, and it is closed."""
        if identity.kind == "user" and not self._registry.claim(self._connection, identity.id):
            RATE_LIMITED.labels("socket", "account").inc()
            self._connection.close(frames.TOO_MANY)
            return False
        await self._connection.identify(identity)
        return identity.kind != "user" or await self._is_still_signed_in()

    async def _is_true(self, claimed: object) -> bool:
        """Whether the user that a client says it is, is the one it was proven to be."""
        if claimed is None or claimed == (self._connection.identity.id or None):
            return True
        await self._refuse("PERMISSION_DENIED", "This is not the signed-in user.")
        self._connection.close(frames.NOT_YOU)
        return False

    async def _is_still_signed_in(self) -> bool:
        """Verify once more, from when on revocations close this connection.

        One may have been heard between the token's verification and that moment.
        """
        try:
            await self._verify(self._connection.identity.token)
        except Unauthenticated:
            self._connection.close(frames.SESSION_ENDED)
            return False
        except Unavailable:
            self._connection.close(frames.TRY_AGAIN_LATER)
            return False
        return True

    async def _receive(self) -> str:
        message = await self._next()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1006))
        text: str | None = message.get("text")
        if text is not None:
            return text
        content: bytes = message.get("bytes") or b""
        return content.decode(errors="replace")

    def _may_say(self, command: Mapping[str, Any] | None) -> bool:
        """Count a message; False where it is too much."""
        now = asyncio.get_running_loop().time()
        if now >= self._window_ends:
            self._left, self._window_ends = MAX_MESSAGES, now + WINDOW_SECONDS
        kind = command.get("type") if command is not None else None
        self._left -= _COSTS.get(kind, 1) if isinstance(kind, str) else 1
        return self._left >= 0

    async def _handle(self, command: Mapping[str, Any] | None) -> None:
        if command is None:
            await self._refuse("VALIDATION_FAILED", "A message must be a JSON object.")
            return
        kind = command.get("type")
        if kind == "auth" and not await self._authenticate(command.get("token")):
            return
        # Older clients say who they are; that is compared with what was proven, never believed.
        if not await self._is_true(command.get("userId")):
            return
        handle = _HANDLERS.get(kind) if isinstance(kind, str) else None
        if handle is not None:
            await handle(self, command)
        elif kind != "auth" and not (kind is None and "userId" in command):
            await self._refuse("VALIDATION_FAILED", "type must be one of: auth, resume, ping.")

    async def _authenticate(self, token: object) -> bool:
        try:
            identity = await self._verify(token if isinstance(token, str) else "")
        except Unauthenticated:
            await self._refuse("UNAUTHENTICATED", "The token is not valid.")
            self._connection.close(frames.SESSION_ENDED)
            return False
        except Unavailable:
            self._connection.close(frames.TRY_AGAIN_LATER)
            return False
        # A new token of the same user prolongs the connection; another user takes another one.
        if identity.kind != "user" or self._connection.identity.id not in {"", identity.id}:
            await self._refuse("PERMISSION_DENIED", "This connection is another user's.")
            self._connection.close(frames.NOT_YOU)
            return False
        return await self._identify(identity)

    async def resume(self, command: Mapping[str, Any]) -> None:
        """Replay what was missed since the message whose id is given."""
        try:
            positions = decode_cursor(command.get("id"))
        except ValueError:
            await self._refuse("VALIDATION_FAILED", _NO_ID)
            return
        if not self._connection.resume(positions):
            await self._refuse("VALIDATION_FAILED", "The last resume is still under way.")

    async def ping(self, _: Mapping[str, Any]) -> None:
        """Answer, so that the client knows that the connection lives."""
        await self._connection.send(frames.PONG)

    async def _refuse(self, reason: str, detail: str) -> None:
        await self._connection.send(frames.error(reason, detail))


def _command_in(text: str) -> dict[str, Any] | None:
    """The object that a client's message is; None where it is none."""
    try:
        command = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return command if isinstance(command, dict) else None


_HANDLERS: Mapping[str, Callable[[ClientMessages, Mapping[str, Any]], Awaitable[None]]] = {
    "resume": ClientMessages.resume,
    "ping": ClientMessages.ping,
}

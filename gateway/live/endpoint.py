"""`/ws/notifications`: the handshake, and a connection from its opening to its end."""

from collections.abc import Mapping

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from chassis.auth.identity import ANONYMOUS, Identity
from chassis.errors import Unauthenticated, Unavailable
from chassis.settings.networks import network_of
from gateway.http.credentials import Credentials, Verify
from gateway.http.middleware import serve_after_handshake
from gateway.http.origin import OriginCheck
from gateway.http.problems import Problem
from gateway.http.request import RequestHead
from gateway.live.client_messages import ClientMessages
from gateway.live.connection import Connection
from gateway.live.frames import decode_cursor
from gateway.live.hub import Hub
from gateway.live.log import MessageLog
from gateway.live.registry import Registry
from gateway.rate_limits import RATE_LIMITED

_TOO_MANY = "There are too many connections from one network."
_RETRY_AFTER = "60"


class LiveEndpoint:
    """An ASGI app that serves WebSockets.

    Args:
        hub: Hands out the messages.
        message_log: The log that missed messages are read from.
        registry: Knows the open sockets.
        verify: Verifies tokens.
        credentials: Finds tokens in requests.
        origins: Refuses pages of other sites.
    """

    def __init__(
        self,
        hub: Hub,
        message_log: MessageLog,
        registry: Registry,
        verify: Verify,
        credentials: Credentials,
        origins: OriginCheck,
    ) -> None:
        self._hub = hub
        self._message_log = message_log
        self._registry = registry
        self._verify = verify
        self._credentials = credentials
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one handshake; the connection is served after it.

        Raises:
            Problem: The handshake is refused.
        """
        head = RequestHead.of(scope)
        self._origins.check(head)
        identity = await self._identify(head)
        query = dict(head.query)
        claimed, last_id = query.get("userId"), query.get("resume")
        resumes_at, is_id_bad = _positions(last_id)
        network = network_of(self._credentials.address(head))
        if not self._registry.enter(network):
            RATE_LIMITED.labels("socket", "network").inc()
            raise Problem("RATE_LIMITED", _TOO_MANY, headers={"Retry-After": _RETRY_AFTER})
        websocket = WebSocket(scope, receive, send)
        try:
            await websocket.accept()
        except BaseException as error:
            self._registry.leave(network)
            if isinstance(error, OSError):
                return  # The client left during the handshake.
            raise

        async def serve(receive: Receive, send: Send) -> None:
            connection = Connection(send, self._hub, self._message_log, resumes_at)
            client_messages = ClientMessages(receive, connection, self._registry, self._verify)
            self._registry.add(connection)
            try:
                await connection.serve(
                    lambda: client_messages.run(identity, claimed, is_id_bad=is_id_bad)
                )
            finally:
                self._registry.remove(connection)
                self._registry.leave(network)

        serve_after_handshake(scope, serve)

    async def _identify(self, head: RequestHead) -> Identity:
        token = self._credentials.token(head)
        if not token:
            return ANONYMOUS
        try:
            identity = await self._verify(token)
        except Unauthenticated as error:
            if "authorization" in head.headers:
                raise Problem("UNAUTHENTICATED", error.message) from error
            # A cookie outlives its session: a visitor with one is a guest for now.
            return ANONYMOUS
        except Unavailable as error:
            raise Problem("UNAVAILABLE", error.message) from error
        return identity if identity.kind == "user" else ANONYMOUS


def _positions(last_id: str | None) -> tuple[Mapping[str, int] | None, bool]:
    """What the client has, None where it does not say, and whether its id is none.

    A browser does not learn why a handshake was refused, so a bad id does not refuse it.
    """
    if not last_id:
        return None if last_id is None else {}, False
    try:
        return decode_cursor(last_id), False
    except ValueError:
        return {}, True

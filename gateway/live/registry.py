"""All open sockets, so that those of a revoked session can be closed."""

from collections import Counter

from prometheus_client import Gauge

from chassis.auth.revocations import Revocation
from gateway.live import frames
from gateway.live.connection import Connection
from gateway.live.frames import Close

MAX_SOCKETS_PER_USER = 20
SOCKETS = Gauge("websocket_connections", "WebSockets that are open.")


class Registry:
    """Open sockets, and whose they are.

    Args:
        most_of_network: How many the clients of one network may have; 0: any number.
    """

    def __init__(self, most_of_network: int = 0) -> None:
        self._most_of_network = most_of_network
        self._of_network: Counter[str] = Counter()
        self._sockets: set[Connection] = set()
        self._of_user: dict[str, set[Connection]] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    def enter(self, network: str) -> bool:
        """A network has one more; False where it has as many as are allowed."""
        if 0 < self._most_of_network <= self._of_network[network]:
            return False
        self._of_network[network] += 1
        return True

    def leave(self, network: str) -> None:
        """A network has one less."""
        self._of_network[network] -= 1
        if not self._of_network[network]:
            del self._of_network[network]

    def add(self, connection: Connection) -> None:
        """A connection was opened."""
        self._sockets.add(connection)
        SOCKETS.set(len(self._sockets))

    def claim(self, connection: Connection, user_id: str) -> bool:
        """A connection is a user's; False where the user has as many as are allowed."""
        theirs = self._of_user.setdefault(user_id, set())
        if connection not in theirs and len(theirs) >= MAX_SOCKETS_PER_USER:
            return False
        theirs.add(connection)
        return True

    def remove(self, connection: Connection) -> None:
        """A connection was closed."""
        self._sockets.discard(connection)
        SOCKETS.set(len(self._sockets))
        user_id = connection.identity.id
        theirs = self._of_user.get(user_id, set())
        theirs.discard(connection)
        if not theirs:
            self._of_user.pop(user_id, None)

    def identified(self) -> list[Connection]:
        """The sockets that are someone's."""
        return [connection for theirs in self._of_user.values() for connection in theirs]

    def revoke(self, revocation: Revocation) -> None:
        """Close the sockets whose tokens are void."""
        for connection in self.identified():
            identity = connection.identity
            if revocation.concerns(identity.session_id, identity.id, identity.issued_at):
                connection.close(frames.SESSION_ENDED)

    def close_all(self, why: Close) -> None:
        """Close every connection."""
        for connection in tuple(self._sockets):
            connection.close(why)

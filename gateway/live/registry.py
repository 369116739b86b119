"""All open sockets, so that those of a revoked session can be closed."""

from chassis.auth.revocations import Revocation
from gateway.live import frames
from gateway.live.connection import Connection
from gateway.live.frames import Close

MAX_SOCKETS_PER_USER = 20


class Registry:
    """Open sockets, and whose they are."""

    def __init__(self) -> None:
        self._sockets: set[Connection] = set()
        self._of_user: dict[str, set[Connection]] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, connection: Connection) -> None:
        """A connection was opened."""
        self._sockets.add(connection)

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

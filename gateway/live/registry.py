"""All open sockets, so that whoever must go can be sent away."""

from gateway.live import frames
from gateway.live.connection import Socket
from gateway.live.frames import Close

MAX_SOCKETS_PER_USER = 20


class Registry:
    """Open sockets, and whose they are."""

    def __init__(self) -> None:
        self._sockets: set[Socket] = set()
        self._of_user: dict[str, set[Socket]] = {}

    def __len__(self) -> int:
        return len(self._sockets)

    def add(self, socket: Socket) -> None:
        """A socket was opened."""
        self._sockets.add(socket)

    def claim(self, socket: Socket, user_id: str) -> bool:
        """A socket is a user's; False where the user has as many as are allowed."""
        theirs = self._of_user.setdefault(user_id, set())
        if socket not in theirs and len(theirs) >= MAX_SOCKETS_PER_USER:
            return False
        theirs.add(socket)
        return True

    def remove(self, socket: Socket) -> None:
        """A socket was closed."""
        self._sockets.discard(socket)
        user_id = socket.identity.id
        theirs = self._of_user.get(user_id, set())
        theirs.discard(socket)
        if not theirs:
            self._of_user.pop(user_id, None)

    def identified(self) -> list[Socket]:
        """The sockets that are somebody's."""
        return [socket for theirs in self._of_user.values() for socket in theirs]

    def revoke(self, what: str) -> None:
        """Close the sockets of `session:` or `user:` and an id."""
        kind, _, key = what.partition(":")
        for socket in self.identified():
            identity = socket.identity
            if key == (identity.session_id if kind == "session" else identity.id):
                socket.close(frames.SESSION_ENDED)

    def close_all(self, why: Close) -> None:
        """Close every socket."""
        for socket in tuple(self._sockets):
            socket.close(why)

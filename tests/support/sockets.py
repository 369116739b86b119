"""Live connections, as a browser has them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.people import PATIENCE_SECONDS, Json, Shop, Shopper

PATH = "/ws/notifications"


class Live:
    """A connection to `/ws/notifications`."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self.seen: list[Json] = []

    def receive(self) -> Json:
        """The next message; fails when none comes."""
        message: Json = json.loads(self._connection.recv(timeout=PATIENCE_SECONDS))
        self.seen.append(message)
        return message

    def until(self, kind: str, **data: object) -> Json:
        """The next message of a type whose data has these values, over others."""
        while True:
            message = self.receive()
            if message["type"] == kind and data.items() <= message.get("data", {}).items():
                return message

    def say(self, **command: object) -> None:
        """Send a command."""
        self._connection.send(json.dumps(command))

    def leave(self) -> None:
        """Close the connection from this side."""
        self._connection.close()

    def close_code(self) -> int:
        """The code with which the shop closes the connection, over what it says before."""
        try:
            while True:
                self.receive()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


@contextmanager
def live(shop: Shop, who: Shopper | None = None, query: str = "") -> Iterator[Live]:
    """A connection with the cookies of `who`, or with none."""
    address = shop.url.replace("http", "ws", 1) + PATH + query
    with connect(address, additional_headers=cookies_of(who) if who else None) as connection:
        yield Live(connection)


def cookies_of(who: Shopper) -> dict[str, str]:
    """The header by which a browser shows its cookies."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in who.client.cookies.items())}

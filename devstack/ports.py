"""Free TCP ports, chosen before their servers start and kept for them.

A server that crashes comes back on its own port, so a port has to stay ours while no one listens
on it. On Linux a bound socket that does not listen does that: with SO_REUSEADDR on both sides the
server may still bind and listen, while no one else is handed the port and no outgoing connection
uses it as its source. Elsewhere a port is only looked up.
"""

import socket
import sys

LOOPBACK = "127.0.0.1"


class Ports:
    """Chooses distinct free ports on the loopback address and keeps them until closed."""

    def __init__(self) -> None:
        self._kept: list[socket.socket] = []
        self._chosen: set[int] = set()

    def choose(self) -> int:
        """A port that was free and that this object has not given out before."""
        while True:
            keeper = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            keeper.bind((LOOPBACK, 0))
            port: int = keeper.getsockname()[1]
            if sys.platform == "linux":
                # Only after bind: set before it, the kernel might hand out a port kept by others.
                keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self._kept.append(keeper)
            else:
                keeper.close()
            if port not in self._chosen:
                self._chosen.add(port)
                return port

    def keep(self, port: int) -> None:
        """Keep a free port that someone else has chosen, and never give it out."""
        self._chosen.add(port)
        if sys.platform == "linux":
            keeper = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            keeper.bind((LOOPBACK, port))
            self._kept.append(keeper)

    def close(self) -> None:
        """Give the ports back."""
        for keeper in self._kept:
            keeper.close()
        self._kept.clear()

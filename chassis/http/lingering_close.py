"""The end of a connection whose client is still sending."""

import asyncio

# As much as the largest form: a client whose upload was refused reads so, on a usual line.
MAX_BYTES = 9 * 1024 * 1024


class LingeringClose:
    """Throws away what a client still sends, for a short time, and closes the connection.

    Args:
        transport: The connection; all that is to be sent was written to it.
        loop: Its event loop.
        seconds: How long.
    """

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, seconds: float
    ) -> None:
        self._transport = transport
        self._left = MAX_BYTES
        self._timer = loop.call_later(seconds, self.end)
        # The client sees the end of the answer, and may stop sending.
        if transport.can_write_eof():
            transport.write_eof()

    def discard(self, data: bytes) -> None:
        """More of the body that is not wanted any more."""
        self._left -= len(data)
        if self._left < 0:
            self.end()

    def end(self) -> None:
        """Close the connection."""
        self._timer.cancel()
        self._transport.close()

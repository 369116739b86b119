"""A socket's place in one audience: what it was sent, and what it still misses."""

from collections.abc import Awaitable, Callable

from gateway.live.audience import Audience
from gateway.live.frames import Entry
from gateway.live.source import Source


class Seat:
    """A place in an audience.

    Attributes:
        audience: The audience.
        position: Sequence number of the message sent last.
    """

    def __init__(self, audience: Audience, position: int) -> None:
        self.audience = audience
        self.position = position
        # What lies after `_since` was sent on this socket, up to `position`.
        self._since = position
        self._is_replaying = False

    def takes(self, entry: Entry) -> bool:
        """Whether a live message is to be sent now; then it counts as sent."""
        # A replay goes on until it has caught up, so what arrives meanwhile is not lost.
        if self._is_replaying or entry.sequence <= self.position:
            return False
        self.position = entry.sequence
        return True

    async def replay(
        self,
        after: int,
        source: Source,
        send: Callable[[Entry, int], Awaitable[None]],
    ) -> None:
        """Send what the client missed after `after`, each message once, in order.

        Args:
            after: The client's last sequence number.
            source: The log.
            send: Sends an entry, and takes the position that the client is at with it.

        Raises:
            AioRpcError: The log does not answer; the seat is of no further use.
        """
        sent_from, sent_to = self._since, self.position
        self._since = min(self._since, after)
        self._is_replaying = True
        reached = after
        if after > self.audience.latest and after > await source.latest(self.audience.name):
            # The log was begun anew; the client starts with it. (Where it was not, another
            # gateway was ahead of this one, and what the client has already is left out.)
            reached = sent_to
        while reached < self.audience.latest:
            entries = await source.after(self.audience.name, reached)
            if not entries:
                break
            for entry in entries:
                reached = max(reached, entry.sequence)
                if not sent_from < entry.sequence <= sent_to:
                    # The last one before those that were sent completes them.
                    is_joint = entry.sequence == sent_from
                    await send(entry, sent_to if is_joint else entry.sequence)
        # No waiting from the last comparison to here, so that nothing falls in between.
        self.position = max(sent_to, reached)
        self._is_replaying = False

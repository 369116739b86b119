"""A socket's place in one audience: what its client has, and what it is sent live."""

from collections.abc import Awaitable, Callable

from gateway.live.frames import Entry
from gateway.live.hub import Audience
from gateway.live.log import MessageLog

# A client that missed more loads what it shows anew: that is less work for both sides.
MAX_MISSED = 1000


class TooOldError(Exception):
    """The client missed more than is kept, or than is replayed."""


class Subscription:
    """A place in an audience, taken at the end of its log.

    Attributes:
        audience: The audience.
        position: The sequence number up to which the client has everything, once it has read all
            that was sent to it. Ids are made of this, and never claim more.
    """

    def __init__(self, audience: Audience) -> None:
        self.audience = audience
        self.position = audience.latest
        # What lies after `_since` was sent on this socket, up to `_live`.
        self._since = self._live = audience.latest
        self._resumes_after: int | None = None

    @property
    def is_behind(self) -> bool:
        """Whether messages that the client missed are still to be replayed."""
        return self._resumes_after is not None

    def resume(self, after: int) -> None:
        """The client has the messages up to `after`: the others are replayed before it goes on."""
        self._resumes_after = self.position = after

    def takes(self, entry: Entry) -> bool:
        """Whether a live message is to be sent now; then it counts as sent."""
        # A replay goes on until it has caught up, so what arrives meanwhile is not lost.
        if self.is_behind or entry.sequence <= self._live:
            return False
        self.position = self._live = entry.sequence
        return True

    async def replay(
        self, message_log: MessageLog, send: Callable[[Entry], Awaitable[None]]
    ) -> None:
        """Send what the client missed, each message once, in order.

        Args:
            message_log: The log.
            send: Waits until there is room for one more frame, then calls `replayed` and sends
                the entry, with nothing in between.

        Raises:
            TooOldError: It is not replayed; the subscription goes on with what comes next.
            AioRpcError: The log does not answer; the subscription is of no further use.
        """
        after = self.position
        if after > self.audience.latest and after > await message_log.latest(self.audience.name):
            # The log was begun anew; the client starts with it. (Where it was not, another
            # gateway was ahead of this one, and what the client has already is left out.)
            after = self.position = self._live
        if self.audience.latest - after > MAX_MISSED:
            self._go_on()
            raise TooOldError
        self._pass_what_was_sent()
        while self.position < self.audience.latest:
            entries = await message_log.after(self.audience.name, self.position)
            if not entries or entries[0].sequence > self.position + 1:
                self._go_on()
                raise TooOldError
            for entry in entries:
                # What was sent on this socket before it resumed is not sent again.
                if entry.sequence > self.position:
                    await send(entry)
        # No waiting from the last comparison to here, so that nothing falls in between.
        self._since = min(self._since, after)
        self._live = max(self._live, self.position)
        self._resumes_after = None

    def replayed(self, entry: Entry) -> None:
        """An entry of the replay is being sent."""
        self.position = entry.sequence
        self._pass_what_was_sent()

    def _pass_what_was_sent(self) -> None:
        """Skip the messages that were sent live before the client resumed."""
        if self._since <= self.position < self._live:
            self.position = self._live

    def _go_on(self) -> None:
        """Go on at the end of the log, as the client loads anew what came before."""
        self.position = self._since = self._live = self.audience.latest
        self._resumes_after = None

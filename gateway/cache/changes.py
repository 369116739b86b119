"""The shop's events, as they end what is kept."""

from collections.abc import Callable, Mapping, Sequence

import structlog
from google.protobuf.message import DecodeError

from chassis.kafka.follower import Published
from gateway.cache.store import Entries
from gateway.cache.tags import Tags

log = structlog.get_logger(__name__)


class NotFollowedError(Exception):
    """It is not known what has changed lately."""


class Changes:
    """Hears of the shop's events; a `chassis.kafka.follower.Follower`.

    Args:
        entries: What they end.
        purges: Topic -> what is out of date by an event of it.
    """

    def __init__(self, entries: Entries, purges: Mapping[str, Callable[[bytes], Tags]]) -> None:
        self._entries = entries
        self._purges = purges

    def begin(self) -> None:
        """What has changed before is not known."""
        self._entries.purge_all()

    def take(self, published: Sequence[Published]) -> None:
        """End what the events tell of; all, where one cannot be read."""
        tags: set[str] = set()
        for each in published:
            try:
                tags |= self._purges[each.topic](each.value)
            except DecodeError:
                log.warning("event cannot be read", topic=each.topic)
                self._entries.purge_all()
        self._entries.purge(tags)

    def is_current(self, at: float) -> None:
        """All changes that were published before `at` are known."""
        self._entries.known_until = max(self._entries.known_until, at)

    def is_wanted(self, within: float) -> bool:
        """Whether anything that may change is kept and asked for."""
        return self._entries.are_wanted(within)

    async def check(self) -> None:
        """Return where events are followed; for the probe.

        Raises:
            NotFollowedError: They are not, so a copy that can change is kept for a moment only.
        """
        if not self._entries.hears_changes:
            raise NotFollowedError

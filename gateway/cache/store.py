"""All that is kept, bounded by bytes, and what ends it: its tags, its time, or want of room."""

from collections.abc import Callable, Collection
from contextvars import ContextVar
from functools import partial
from threading import Event
from time import monotonic

from cachetools import LRUCache

from gateway.cache.entry import Entry, RawResponse

# How long a copy may be answered while no one would tell of a change.
BLIND_SECONDS = 1.0
# How long after a change a service may answer of what it has kept itself, such as a replica of the
# counts of a list. What is made meanwhile is kept no longer than that.
SETTLING_SECONDS = 1.0
_TAGS_REMEMBERED = 10_000
# Longer than between two moments at which all is known, also where no one has to know it.
HEARING_SECONDS = 10.0
# Where no entry was asked for that long, no one has to know what changes.
_UNWANTED_SECONDS = 10.0

Key = tuple[str, bytes]
"""The decoded path, and the normalized query."""


class Fill:
    """A response that is being made, and may be kept.

    Args:
        began: When, as `time.monotonic` has it.
        for_guests: It will be for guests only.

    Attributes:
        may_be_kept: Nothing that it is made of is someone's own or out of date.
    """

    def __init__(self, began: float, *, for_guests: bool) -> None:
        self.tags: set[str] = set()
        self.may_be_kept = True
        self._born = began
        self._until: float | None = None
        self._for_guests = for_guests
        self._wholes: list[Fill] = []

    def be_part_of(self, whole: "Fill") -> None:
        """It is being made for `whole`, which must not be kept either where this one must not."""
        self._wholes.append(whole)

    def depend_on(self, tags: Collection[str], seconds: float) -> None:
        """It will tell of `tags`, which is said before they are read, and live so long at most."""
        self.tags.update(tags)
        self._end_by(self._born + seconds)

    def include(self, entry: Entry) -> None:
        """It is made of what `entry` tells, and is as old."""
        self.tags |= entry.tags
        self.may_be_kept = self.may_be_kept and not entry.is_gone
        self._born = min(self._born, entry.born)
        self._end_by(entry.until)

    @property
    def is_refused_to_all(self) -> bool:
        """Where it fails: whether it does so for everyone, and not for want of credentials."""
        return self._until is not None

    def give_up(self) -> None:
        """It must not be kept."""
        self.may_be_kept = False
        for whole in self._wholes:
            whole.give_up()

    def entry(self, response: RawResponse) -> Entry:
        """What has come of it; gone already where it must not be kept."""
        until = self._born if self._until is None else self._until
        tags = frozenset(self.tags)
        entry = Entry(response, tags, self._born, until, for_guests=self._for_guests)
        entry.is_gone = self._until is None or not self.may_be_kept or not entry.is_good
        return entry

    def _end_by(self, time: float) -> None:
        self._until = time if self._until is None else min(self._until, time)


current_fill: ContextVar[Fill | None] = ContextVar("current_fill", default=None)
"""What is being made by the code that runs; None for a response to one caller alone."""


class _Kept(LRUCache[Key, Entry]):
    """The entries, of which the least recently used leave first; tells of each that leaves."""

    def __init__(self, max_bytes: int, on_leave: Callable[[Key, Entry], None]) -> None:
        super().__init__(max_bytes, getsizeof=lambda entry: entry.size)
        self._on_leave = on_leave

    def __delitem__(self, key: Key) -> None:
        entry = self[key]
        super().__delitem__(key)
        self._on_leave(key, entry)


class Entries:
    """The entries by their keys and tags.

    Args:
        max_bytes: As many bytes as all of them may take; 0 to keep nothing.

    Attributes:
        known_until: The time, by `time.monotonic`, up to which each change is known that was
            published anywhere.
    """

    def __init__(self, max_bytes: int) -> None:
        self.known_until = float("-inf")
        # When a tag, or all, was purged last.
        self._purged: LRUCache[str, float] = LRUCache(_TAGS_REMEMBERED)
        self._all_purged = float("-inf")
        self._kept = _Kept(max_bytes, self._forget)
        self._keys: dict[str, set[Key]] = {}
        self._fills: set[Fill] = set()
        self._wanted_at = float("-inf")
        self._are_wanted = Event()

    @property
    def hears_changes(self) -> bool:
        """Whether it was known lately, if not now, what had changed."""
        return monotonic() - self.known_until <= HEARING_SECONDS

    @property
    def size(self) -> float:
        """About how many bytes all of them take."""
        return self._kept.currsize

    def find(self, key: Key, now: float) -> Entry | None:
        """The entry of a key, where it may be answered now."""
        entry = self._kept.get(key)
        if entry is None or now >= entry.until:
            return None
        self._want(now)
        if entry.tags and now - max(entry.born, self.known_until) > BLIND_SECONDS:
            return None
        return entry

    def begin(self, fill: Fill) -> None:
        """A response begins to be made: until it is added, purges count for it as well."""
        self._fills.add(fill)

    def end(self, fill: Fill) -> None:
        """It is done, or has failed."""
        self._fills.discard(fill)

    def add(self, key: Key, entry: Entry) -> None:
        """Keep an entry, unless it is gone already or too large; it takes the place of another."""
        if entry.is_gone:
            return
        purged = max((self._purged.get(tag, self._all_purged) for tag in entry.tags), default=None)
        if purged is not None and entry.born < purged + SETTLING_SECONDS:
            entry.until = min(entry.until, entry.born + SETTLING_SECONDS)
        self._kept.pop(key, None)
        try:
            self._kept[key] = entry
        except ValueError:  # it would not fit if it were alone
            entry.is_gone = True
            return
        for tag in entry.tags:
            self._keys.setdefault(tag, set()).add(key)
        self._want(monotonic())
        entry.on_growth = partial(self._count_again, key, entry)

    def are_wanted(self, within: float) -> bool:
        """Whether one was asked for lately, or is within so many seconds; for another thread."""
        if monotonic() - self._wanted_at < _UNWANTED_SECONDS:
            return True
        self._are_wanted.clear()
        # One may have been since.
        lately = monotonic() - self._wanted_at < _UNWANTED_SECONDS
        return lately or self._are_wanted.wait(within)

    def _want(self, now: float) -> None:
        was_wanted_at, self._wanted_at = self._wanted_at, now
        if now - was_wanted_at >= _UNWANTED_SECONDS:
            self._are_wanted.set()

    def purge(self, tags: Collection[str]) -> None:
        """Keep nothing from before that tells of one of `tags`, be it here or still being made."""
        for fill in self._fills:
            if not fill.tags.isdisjoint(tags):
                fill.give_up()
        now = monotonic()
        for tag in tags:
            self._purged[tag] = now
            for key in tuple(self._keys.get(tag, ())):
                del self._kept[key]

    def purge_all(self) -> None:
        """Keep nothing from before that can change: it is not known what has."""
        for fill in self._fills:
            fill.give_up()
        self._purged.clear()
        self._all_purged = monotonic()
        self.purge(tuple(self._keys))

    def _count_again(self, key: Key, entry: Entry) -> None:
        if not entry.is_gone:
            try:
                self._kept[key] = entry
            except ValueError:
                del self._kept[key]

    def _forget(self, key: Key, entry: Entry) -> None:
        entry.is_gone = True
        for tag in entry.tags:
            keys = self._keys[tag]
            keys.discard(key)
            if not keys:
                del self._keys[tag]

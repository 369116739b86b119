"""The sweep of the outboxes: publishes what a crash, or Kafka being unreachable, left in them."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import datetime, timedelta
from enum import Enum

from chassis.clock import Clock
from chassis.mongo.client import Document
from chassis.mongo.leases import Lease
from chassis.outbox.outbox import FIELD, Outbox, OutboxEntry
from chassis.outbox.publisher import OutboxPublisher
from chassis.resilience.backoff import Backoff

AT = f"{FIELD}.at"
BATCH = 500
# Younger entries are on their way from some replica's memory.
LEFT_BEHIND = timedelta(seconds=2)
LONGEST_PAUSE_SECONDS = 5.0


class SweepOutcome(Enum):
    """How a pass ended."""

    CLEAN = "nothing is left behind"
    STUCK = "what is left cannot be published, now or later"
    UNREACHABLE = "Kafka is unreachable"
    LEASED_BY_OTHER = "another replica sweeps"


class SweepPace:
    """How long to wait for the next sweep: longer after each that came to nothing.

    One that finds Kafka unreachable, or what it cannot publish, comes to nothing. So does one that
    finds nothing where this replica has nothing to publish either: what it may find then is what
    another replica left that crashed.

    Args:
        every: The pause otherwise.
        longest: Seconds, however many came to nothing.

    Attributes:
        pause: Seconds before the next sweep.
    """

    def __init__(self, every: timedelta, longest: float = LONGEST_PAUSE_SECONDS) -> None:
        self.pause = self._every = every.total_seconds()
        self._backoff = Backoff(first=2 * self._every, longest=longest)
        self._vain = 0

    def after(self, outcome: SweepOutcome | None, *, is_quiet: bool) -> None:
        """A sweep ended like this; `is_quiet` where nothing was nudged since the one before."""
        was_calm = outcome in {SweepOutcome.CLEAN, SweepOutcome.LEASED_BY_OTHER}
        self._vain = self._vain + 1 if is_quiet or not was_calm else 0
        self.pause = self._backoff.pause(self._vain) if self._vain else self._every


class Sweep:
    """Sweeps one collection; one replica at a time does.

    Args:
        outbox: Whose entries to look for.
        publisher: Publishes them.
        lease: Held by the replica that sweeps.
        in_memory: Whether this replica is about to publish the entry of this id anyway.
        batch: About how many entries are published together.
    """

    def __init__(
        self,
        outbox: Outbox,
        publisher: OutboxPublisher,
        lease: Lease,
        *,
        in_memory: Callable[[str], bool],
        clock: Clock,
        batch: int = BATCH,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._lease = lease
        self._in_memory = in_memory
        self._clock = clock
        self._batch = batch

    async def once(self) -> SweepOutcome:
        """Publish all that was left behind, oldest first.

        Each document's outbox is published whole, in its order, so that its youngest event is
        also the last one published.

        Raises:
            pymongo.errors.PyMongoError: MongoDB is unreachable.
        """
        before = self._clock() - LEFT_BEHIND
        if not await self._any(before):
            return SweepOutcome.CLEAN
        if not await self._lease.take():
            return SweepOutcome.LEASED_BY_OTHER
        swept = SweepOutcome.CLEAN
        async with aclosing(self._batches(before)) as batches:
            async for entries, batch in batches:
                published = await self._publisher.publish(batch)
                await self._publisher.take_out(published.kept)
                if published.away:
                    return SweepOutcome.UNREACHABLE
                if len(published.kept) < entries:
                    swept = SweepOutcome.STUCK
                if not await self._lease.take():
                    return SweepOutcome.LEASED_BY_OTHER
        return swept

    async def _any(self, before: datetime) -> bool:
        found = await self._outbox.collection.find_one({AT: {"$lte": before}}, {"_id": 1})
        return found is not None

    async def _batches(
        self, before: datetime
    ) -> AsyncGenerator[tuple[int, list[OutboxEntry]], None]:
        """A batch of entries at a time, whole documents: their number, and those to publish."""
        entries, batch = 0, list[OutboxEntry]()
        async for document in self._documents(before):
            outbox = document[FIELD]
            if any(self._in_memory(entry["id"]) for entry in outbox):
                continue
            entries += len(outbox)
            batch += self._outbox.waiting(document["_id"], outbox, document)
            if entries >= self._batch:
                yield entries, batch
                entries, batch = 0, []
        if entries:
            yield entries, batch

    async def _documents(self, before: datetime) -> AsyncGenerator[Document, None]:
        async with self._outbox.read({AT: {"$lte": before}}).sort(AT, 1) as found:
            async for document in found:
                yield document

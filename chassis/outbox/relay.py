"""Takes events from the outboxes of one collection to Kafka.

What is nudged is published from memory right away, in batches: while one is on its way, and for
as long as the outbox has events gather after it, the next gathers. What Kafka has acknowledged is
taken out of the outboxes in bulk, beside the path of requests. What memory lost, by a crash or an
outage of Kafka, the sweep finds in the outboxes.

Order: no event of a document is published before an older one of the same document was, by
whichever replica. Memory alone publishes an event only where its write found the outbox empty.
Where it did not, what waits in the outbox is read and leaves first: it may be on its way from
another replica, or left behind by one. So an event may be published more than once; consumers go
by versions and ids. Three things stand outside this order: deferred entries, each of which tells of
the newest state; what Kafka rejects for good; and an event that is published again.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pymongo.errors import PyMongoError

from chassis.clock import Clock, utcnow
from chassis.ids import new_id
from chassis.kafka.client import one_line
from chassis.mongo.client import Document
from chassis.mongo.leases import Lease
from chassis.outbox.outbox import FIELD, Outbox, OutboxEntry
from chassis.outbox.publisher import OutboxPublisher, Published, Publisher
from chassis.outbox.sweep import (
    AT,
    BATCH,
    LONGEST_PAUSE_SECONDS,
    Sweep,
    SweepOutcome,
    SweepPace,
)
from chassis.resilience.backoff import Backoff
from chassis.tasks import cancel, is_set_within

log = structlog.get_logger(__name__)

# About 20 MB of events; more than that waits in the outboxes, where it is anyway.
MAX_IN_MEMORY = 10_000
SWEEP_EVERY = timedelta(seconds=1)
GATHER = timedelta(milliseconds=100)
# Between attempts to publish from memory while Kafka is unreachable.
BACKOFF = Backoff(first=0.1, longest=1.0)


@dataclass(frozen=True)
class Backlog:
    """How much waits: documents with entries, their entries, and the time of the oldest one."""

    documents: int
    entries: int
    oldest: datetime | None


@dataclass(frozen=True)
class StuckEvent:
    """An entry that has waited long; `entry` is how the outbox holds it."""

    collection: str
    document_id: str
    id: str
    entry: Document


@dataclass(frozen=True)
class Trouble:
    """How often in a row a sweep was in vain here, and why the last one was."""

    attempts: int = 0
    error: str = ""

    def after(self, outcome: SweepOutcome | None) -> "Trouble":
        """After one more sweep; None for one that broke off."""
        if outcome in {SweepOutcome.CLEAN, SweepOutcome.LEASED_BY_OTHER}:
            return Trouble()
        why = "the sweep broke off; the log says why" if outcome is None else outcome.value
        return Trouble(self.attempts + 1, why)


class Relay:
    """The way from one outbox to Kafka.

    Args:
        outbox: Whose events to publish; its index has to be there before `start`.
        publisher: Where to.
        sweep_every: The pause between sweeps; see `SweepPace`.
        longest_sweep_pause: Seconds, however many came to nothing.
        batch: About how many events are published together.
        max_in_memory: How many events may wait in memory.
        gather: How long events gather after a batch, where the outbox has them do so.

    Attributes:
        trouble: Of its sweeps.
    """

    def __init__(
        self,
        outbox: Outbox,
        publisher: Publisher,
        *,
        sweep_every: timedelta = SWEEP_EVERY,
        longest_sweep_pause: float = LONGEST_PAUSE_SECONDS,
        batch: int = BATCH,
        max_in_memory: int = MAX_IN_MEMORY,
        gather: timedelta = GATHER,
        clock: Clock = utcnow,
    ) -> None:
        self.trouble = Trouble()
        self._outbox = outbox
        self._name = outbox.collection.name
        self._clock = clock
        self._gather = gather.total_seconds() if outbox.gathers else 0.0
        self._sweep_pace = SweepPace(sweep_every, longest_sweep_pause)
        self._batch = batch
        self._max_in_memory = max_in_memory
        self._publisher = OutboxPublisher(outbox.collection, publisher)
        self._queue: deque[OutboxEntry] = deque()
        self._kept: list[OutboxEntry] = []
        self._in_memory: set[str] = set()
        self._nudged, self._published, self._idle = (asyncio.Event() for _ in range(3))
        self._idle.set()
        self._is_full = False
        self._is_away = False
        self._was_nudged = False
        self._tasks: list[asyncio.Task[None]] = []
        self._lease = Lease(
            outbox.collection.database, f"relay:{self._name}", new_id(), clock=clock
        )
        self._sweep = Sweep(
            outbox,
            self._publisher,
            self._lease,
            in_memory=self._in_memory.__contains__,
            clock=clock,
            batch=batch,
        )

    @property
    def collection(self) -> str:
        """Whose outboxes they are."""
        return self._name

    async def stuck(self, before: datetime, limit: int) -> Sequence[StuckEvent]:
        """The entries from before that time, longest first, of at most `limit` documents."""
        found = self._outbox.collection.find({AT: {"$lte": before}}, {FIELD: True})
        return [
            StuckEvent(self._name, document["_id"], entry["id"], entry)
            async for document in found.sort(AT, 1).limit(limit)
            for entry in document[FIELD]
            if entry["at"] <= before
        ]

    async def publish_now(self, document_id: str, event_id: str) -> bool | None:
        """Publish an entry, and those before it in its outbox.

        Returns:
            Whether Kafka took it, or rejected it for good; None where there is no such entry.
        """
        async for document in self._outbox.read({"_id": document_id}):
            ids = [entry["id"] for entry in document.get(FIELD, ())]
            if event_id in ids:
                first = document[FIELD][: ids.index(event_id) + 1]
                batch = self._outbox.waiting(document_id, first, document)
                published = await self._publisher.publish(batch)
                await self._publisher.take_out(published.kept)
                return event_id in {each.id for each in published.kept}
        return None

    async def drop(self, document_id: str, event_id: str) -> bool:
        """Take an entry out of its outbox unpublished; False where it was not there."""
        result = await self._outbox.collection.update_one(
            {"_id": document_id}, {"$pull": {FIELD: {"id": event_id}}}
        )
        return result.modified_count == 1

    def start(self) -> None:
        """Begin to publish what is nudged, and to sweep."""
        self._outbox.on_nudge(self._accept)
        work = (self._publish_forever(), self._take_out_forever(), self._sweep_forever())
        self._tasks = [asyncio.create_task(each) for each in work]

    async def drain(self, timeout: float) -> bool:
        """Wait until what was nudged is published and taken out.

        Args:
            timeout: Seconds at most.

        Returns:
            Whether it is; what is not stays in the outboxes.
        """
        is_drained = await is_set_within(self._idle, timeout)
        if not is_drained:
            log.warning("events stay in the outbox", collection=self._name)
        return is_drained

    async def stop(self) -> None:
        """End at once, and let another replica sweep."""
        self._outbox.on_nudge(None)
        await cancel(self._tasks)
        try:
            await self._lease.give_back()
        except PyMongoError as error:
            log.info("lease left to run out", collection=self._name, error=type(error).__name__)

    async def backlog(self) -> Backlog:
        """What waits in the outboxes now; what is just being published is counted too."""
        waiting = {f"{FIELD}.at": {"$lte": self._clock()}}
        counts = {
            "_id": None,
            "documents": {"$sum": 1},
            "entries": {"$sum": {"$size": f"${FIELD}"}},
        }
        counted = await self._outbox.collection.aggregate([{"$match": waiting}, {"$group": counts}])
        [total] = await counted.to_list() or [{"documents": 0, "entries": 0}]
        oldest = await self._outbox.collection.find_one(
            waiting, {f"{FIELD}.at": 1}, sort=[(f"{FIELD}.at", 1)]
        )
        times = [entry["at"] for entry in oldest[FIELD]] if oldest else []
        return Backlog(total["documents"], total["entries"], min(times, default=None))

    def _accept(self, waiting: Sequence[OutboxEntry]) -> None:
        """Take what was nudged into memory, which is bounded; the sweep finds the rest."""
        is_full = len(self._in_memory) + len(waiting) > self._max_in_memory
        if is_full and not self._is_full:
            log.warning("events wait in the outbox", collection=self._name, why="memory is full")
        self._is_full = is_full
        self._was_nudged = True
        if is_full or not waiting:
            return
        self._queue += waiting
        self._in_memory.update(each.id for each in waiting)
        self._idle.clear()
        self._nudged.set()

    async def _publish_forever(self) -> None:
        failures = 0
        while True:
            await self._nudged.wait()
            batch = [self._queue.popleft() for _ in range(min(self._batch, len(self._queue)))]
            published = await self._published_now(batch)
            self._kept += published.kept
            self._published.set()
            kept = {each.id for each in published.kept}
            self._forget(each for each in batch if each.id not in kept)
            if published.away:
                # The outboxes have it all; what is nudged from now on finds it there.
                self._forget(self._queue)
                self._queue.clear()
            if not self._queue:
                self._nudged.clear()
            self._tell(published.away)
            failures = failures + 1 if published.away else 0
            if failures:
                await asyncio.sleep(BACKOFF.pause(failures))
            elif self._gather and len(batch) < self._batch:
                await asyncio.sleep(self._gather)

    async def _published_now(self, batch: Sequence[OutboxEntry]) -> Published:
        """What became of `batch`; an internal error must not end the publishing."""
        try:
            return await self._publisher.publish(await self._with_what_waits(batch))
        except PyMongoError as error:
            log.warning("outbox not read", collection=self._name, error=one_line(error))
        except Exception:
            log.exception("events not published", collection=self._name)
        return Published([], away=True)

    async def _with_what_waits(self, batch: Sequence[OutboxEntry]) -> Sequence[OutboxEntry]:
        """`batch`, where other entries may have to leave first with those, in their order."""
        behind = {each.document_id for each in batch if each.behind}
        if not behind:
            return batch
        wanted = {each.id for each in batch}
        # Published and not taken out yet, or in a later batch.
        others = self._in_memory - wanted
        ordered = [each for each in batch if each.document_id not in behind]
        async for document in self._outbox.read({"_id": {"$in": list(behind)}}):
            entries = document[FIELD]
            last = max(
                (place for place, entry in enumerate(entries) if entry["id"] in wanted), default=-1
            )
            first = [entry for entry in entries[: last + 1] if entry["id"] not in others]
            ordered += self._outbox.waiting(document["_id"], first, document)
        return ordered

    async def _take_out_forever(self) -> None:
        while True:
            await self._published.wait()
            self._published.clear()
            kept, self._kept = self._kept, []
            try:
                await self._publisher.take_out(kept)
            except PyMongoError as error:
                log.warning("outbox not cleared", collection=self._name, error=one_line(error))
            except Exception:
                log.exception("outbox not cleared", collection=self._name)
            # The sweep finds what is left.
            self._forget(kept)

    async def _sweep_forever(self) -> None:
        while True:
            await asyncio.sleep(self._sweep_pace.pause)
            was_nudged, self._was_nudged = self._was_nudged, False
            outcome = await self._sweep_once()
            self._sweep_pace.after(outcome, is_quiet=not was_nudged)
            self.trouble = self.trouble.after(outcome)

    async def _sweep_once(self) -> SweepOutcome | None:
        """None where it broke off, since MongoDB is unreachable or after an internal error."""
        try:
            return await self._sweep.once()
        except PyMongoError as error:
            log.warning("outbox not swept", collection=self._name, error=one_line(error))
        except Exception:
            log.exception("outbox not swept", collection=self._name)
        return None

    def _forget(self, waiting: Iterable[OutboxEntry]) -> None:
        self._in_memory.difference_update([each.id for each in waiting])
        if not self._in_memory:
            self._idle.set()

    def _tell(self, is_away: bool) -> None:
        if is_away and not self._is_away:
            log.warning(
                "events wait in the outbox", collection=self._name, why="kafka is unreachable"
            )
        if self._is_away and not is_away:
            log.info("events are published again", collection=self._name)
        self._is_away = is_away

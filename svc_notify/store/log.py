"""The logs of all audiences.

A message is written with the sequence number after the latest. Its `_id`, made of audience and
number, and the unique index on both let one of several replicas have it; the others see in one
look how far the log has come and go on behind it. Only then is `latest` of the audience raised, so
it never is ahead of the log. It may be behind, where a writer died in between: then the next writer
meets the number as taken and goes on from there, and the event's redelivery, which always comes,
raises it. So numbers go on where they were, even when all messages of an audience have expired.

A process has one writer, which remembers for a while how far each log has come. The messages that
arrive while it writes queue up and are written together, whatever their audiences: many events at
once cost about as many round trips as one, and do not compete for the next number. Followers in
the same process get messages as soon as they are written.

`raised_at` is set by the server, so those who follow the logs go by one clock: neither a writer
whose clock is wrong nor one that was slow can write behind them.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from cachetools import TTLCache
from pymongo import UpdateOne
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern

from chassis.clock import Clock
from chassis.mongo.client import Document, Index, duplicates_of
from chassis.tasks import Together
from chassis.telemetry import traces
from svc_notify.model.message import Draft, Message
from svc_notify.store.documents import document, message, message_id
from svc_notify.usecases.ports import HighWatermark, Span
from svc_notify.usecases.wakeup import Wakeup

INDEXES = (
    Index("messages", (("audience", 1), ("sequence", 1)), unique=True),
    Index("messages", (("audience", 1), ("event_id", 1)), unique=True),
    Index("messages", (("expires_at", 1),), expire_after_seconds=0),
    Index("audiences", (("raised_at", 1),)),
)

# How long a process believes that no one else has written to an audience, and of how many audiences
# it does. Far shorter than any message lives: a number whose message has expired looks free.
MEMORY_SECONDS = 60.0
_REMEMBERED = 10_000

# How many numbers are looked at to see how far a log has come.
_LOOK = 100

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class MongoMessageLog:
    """The logs; see the port `MessageLog`.

    Args:
        database: The service's own.
        clock: Tells when a message was written.
        wakeup: Gets what this process writes.
        memory: Seconds for which it is remembered how far a log has come.
    """

    def __init__(
        self,
        database: AsyncDatabase[Document],
        clock: Clock,
        wakeup: Wakeup | None = None,
        memory: float = MEMORY_SECONDS,
    ) -> None:
        self._messages = database["messages"]
        # A number or an event that is refused as taken is on the primary, but maybe not yet on a
        # majority: what is asked about it has to see it.
        self._newest = self._messages.with_options(read_concern=ReadConcern("local"))
        self._audiences = database["audiences"]
        self._clock = clock
        self._wakeup = wakeup or Wakeup()
        self._append = Together(self._append_all)
        self._reached: TTLCache[str, int] = TTLCache(_REMEMBERED, memory, time.monotonic)

    async def append(self, draft: Draft) -> Message | None:
        """Write it at the end of its audience's log; None where its event is there already."""
        return await self._append(draft)

    async def read(self, audience: str, *, after: int, limit: int) -> list[Message]:
        """Messages of an audience after a sequence number, oldest first."""
        query = {"audience": audience, "sequence": {"$gt": after}}
        cursor = self._messages.find(query).sort("sequence", 1).limit(limit)
        return [message(found) async for found in cursor]

    async def read_spans(self, spans: Collection[Span]) -> list[Message]:
        """The messages of several audiences, in the order of the spans, and oldest first."""
        wanted = [
            {"audience": each.audience, "sequence": {"$gt": each.after, "$lte": each.to}}
            for each in spans
        ]
        found = [message(each) async for each in self._messages.find({"$or": wanted})]
        place = {each.audience: number for number, each in enumerate(spans)}
        return sorted(found, key=lambda each: (place[each.audience], each.sequence))

    async def latest(self, audience: str) -> int:
        """The newest sequence number of an audience, expired or not; 0 where it has none."""
        top = await self._messages.find_one(
            {"audience": audience}, {"sequence": 1}, sort=[("sequence", -1)]
        )
        raised = await self._raised([audience])
        return max(raised[audience], top["sequence"] if top else 0)

    async def last_raised(self) -> datetime | None:
        """When an audience was raised last; None where none ever was."""
        ever = {"raised_at": {"$gte": _EPOCH}}
        found = await self._audiences.find_one(ever, sort=[("raised_at", -1)])
        return found["raised_at"] if found else None

    async def raised_since(self, time: datetime) -> list[HighWatermark]:
        """The audiences that were last raised at `time` or later, the earliest first."""
        cursor = self._audiences.find({"raised_at": {"$gte": time}}).sort("raised_at", 1)
        return [
            HighWatermark(each["_id"], each["latest"], each["raised_at"]) async for each in cursor
        ]

    async def _append_all(self, drafts: Sequence[Draft]) -> list[Message | None]:
        with traces.together("append", (draft.trace for draft in drafts)):
            return await self._append_in_order(drafts)

    async def _append_in_order(self, drafts: Sequence[Draft]) -> list[Message | None]:
        """Write `drafts` in their order, which leaves no gap wherever it breaks off."""
        written: list[Message | None] = []
        ends = await self._ends({draft.audience for draft in drafts})
        while pending := drafts[len(written) :]:
            new = self._numbered(pending, ends)
            inserted = [message(each) for each in new[: await self._insert(new)]]
            written += inserted
            ends |= {each.audience: each.sequence for each in inserted}
            self._wakeup.pass_on(inserted)
            if len(inserted) == len(new):
                break
            refused = pending[len(inserted)]
            last = ends[refused.audience]
            there, end = await asyncio.gather(
                self._place(refused.audience, refused.event_id), self._end(refused.audience, last)
            )
            if there is not None:
                written.append(None)
                end = max(end, there)
            elif end == last:
                end = max(last + 1, await self._top(refused.audience))
            ends[refused.audience] = end
        await self._raise(ends)
        self._wakeup.wake()
        self._reached.update(ends)
        return written

    def _numbered(self, drafts: Sequence[Draft], ends: Mapping[str, int]) -> list[Document]:
        """`drafts` as documents with the numbers after `ends`."""
        numbers = Counter(ends)
        numbered = []
        for draft in drafts:
            numbers[draft.audience] += 1
            numbered.append(document(draft, numbers[draft.audience], self._clock()))
        return numbered

    async def _raise(self, ends: Mapping[str, int]) -> None:
        await self._audiences.bulk_write(
            [
                UpdateOne(
                    {"_id": audience},
                    {"$max": {"latest": end}, "$currentDate": {"raised_at": True}},
                    upsert=True,
                )
                for audience, end in ends.items()
            ],
            ordered=False,
        )

    async def _insert(self, documents: Sequence[Document]) -> int:
        """Insert up to the first whose number or event is taken; how many these are."""
        try:
            await self._messages.insert_many(documents, ordered=True)
        except BulkWriteError as error:
            return duplicates_of(error)[0]
        return len(documents)

    async def _place(self, audience: str, event_id: str) -> int | None:
        """The number of the event's message; None where the audience has not heard of it."""
        query = {"audience": audience, "event_id": event_id}
        found = await self._newest.find_one(query, {"sequence": 1})
        return found["sequence"] if found else None

    async def _end(self, audience: str, last: int) -> int:
        """The number up to which the log is written, seen from one where it was."""
        while True:
            ids = [message_id(audience, last + step) for step in range(1, _LOOK + 1)]
            found = self._newest.find({"_id": {"$in": ids}}, {"sequence": 1})
            taken = [each["sequence"] async for each in found]
            if not taken:
                return last
            last = max(taken)
            if len(taken) == _LOOK:
                last = max(last, (await self._raised([audience]))[audience])

    async def _top(self, audience: str) -> int:
        """The newest sequence number that is written; 0 where there is none, or all expired."""
        query, newest_first = {"audience": audience}, [("sequence", -1)]
        found = await self._newest.find_one(query, {"sequence": 1}, sort=newest_first)
        return found["sequence"] if found else 0

    async def _raised(self, audiences: Collection[str]) -> dict[str, int]:
        """`latest` of each of them; 0 where it was never raised."""
        found = self._audiences.find({"_id": {"$in": list(audiences)}}, {"latest": 1})
        return dict.fromkeys(audiences, 0) | {each["_id"]: each["latest"] async for each in found}

    async def _ends(self, audiences: Collection[str]) -> dict[str, int]:
        """How far each log has come; less where another process has written meanwhile."""
        # Taken out, so that after a failure they are asked for.
        known = {name: self._reached.pop(name, None) for name in audiences}
        ends = {name: reached for name, reached in known.items() if reached is not None}
        if unknown := set(audiences) - set(ends):
            ends |= await self._raised(unknown)
        return ends

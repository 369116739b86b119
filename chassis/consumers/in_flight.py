"""The batches of one consumer that are being delivered, at most one for each partition."""

import asyncio
from collections.abc import Collection, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from kafka import OffsetAndMetadata, TopicPartition

from chassis.consumers.delivery import Delivery, ReceivedEvent, Stopped
from chassis.kafka.cloudevents import event_of

log = structlog.get_logger(__name__)

EPOCH = datetime.fromtimestamp(0, UTC)

Offsets = dict[TopicPartition, OffsetAndMetadata]


@dataclass(eq=False)
class Batch:
    """Events of one partition, on their way to the handler in the event loop.

    Attributes:
        stopping: Set in the loop; ends the delivery at its next pause.
        settled: The offset up to which all is handled or kept; at first that of the first event.
        committed: What of `settled` the group knows.
        paused: Whether the partition is not polled meanwhile.
        future: Ends with the delivery.
    """

    stopping: asyncio.Event
    settled: int
    committed: int
    paused: bool = False
    future: Future[None] | None = None

    @property
    def done(self) -> bool:
        """Whether its delivery has ended, because all is settled or because it was stopped."""
        return self.future is not None and self.future.done()


class InFlight:
    """Delivers batches in the event loop for a thread that polls.

    Methods are for that thread; rebalancing calls `settled` and `take_away` while it polls.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, delivery: Delivery) -> None:
        self._loop = loop
        self._delivery = delivery
        self._current: dict[TopicPartition, Batch] = {}
        # Deliveries of partitions that were taken away; they may come back before these ended.
        self._ending: dict[TopicPartition, Future[None]] = {}

    def __bool__(self) -> bool:
        return bool(self._current)

    def begin(self, partition: TopicPartition, records: Sequence[Any]) -> None:
        """Have `records`, as kafka-python gives them, delivered in their order."""
        first = records[0].offset
        batch = Batch(asyncio.Event(), settled=first, committed=first)
        before = self._ending.pop(partition, None)
        batch.future = asyncio.run_coroutine_threadsafe(
            self._deliver(batch, records, before), self._loop
        )
        self._current[partition] = batch

    def wait(self, seconds: float) -> None:
        """Wait until what was just begun is delivered; not for partitions that are paused."""
        fresh = [each.future for each in self._current.values() if not each.paused and each.future]
        if fresh:
            wait(fresh, timeout=seconds)

    def settled(self, partitions: Collection[TopicPartition] | None = None) -> Offsets:
        """What the group does not know yet to be settled, of all or of those partitions."""
        return {
            partition: OffsetAndMetadata(batch.settled, "", -1)
            for partition, batch in list(self._current.items())
            if batch.settled > batch.committed and (partitions is None or partition in partitions)
        }

    def reached(self, partition: TopicPartition) -> int | None:
        """The offset up to which all of it is settled; None if none of it is under way."""
        batch = self._current.get(partition)
        return batch.settled if batch else None

    def committed(self, offsets: Offsets) -> None:
        """The group knows of `offsets` now."""
        for partition, offset in offsets.items():
            if batch := self._current.get(partition):
                batch.committed = offset.offset

    def finished(self) -> list[TopicPartition]:
        """Let go of the batches that are delivered and committed; their partitions if paused.

        Raises:
            Exception: A fault of the delivery itself.
        """
        # What was settled since the last commit has to wait for the next one.
        done = {
            at: batch
            for at, batch in list(self._current.items())
            if batch.done and batch.settled <= batch.committed
        }
        for partition, batch in done.items():
            self._current.pop(partition, None)
            if batch.future is not None:
                batch.future.result()
        return [partition for partition, batch in done.items() if batch.paused]

    def slow(self) -> list[TopicPartition]:
        """The partitions that have to be paused now, since their batch takes its time."""
        slow = {at: batch for at, batch in list(self._current.items()) if not batch.paused}
        for batch in slow.values():
            batch.paused = True
        return list(slow)

    def take_away(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """End the deliveries of `partitions` at their next pause; they may belong to others now.

        Returns:
            For each of them that was under way, the offset of the first event that is not settled.
        """
        taken: dict[TopicPartition, int] = {}
        for partition in partitions:
            batch = self._current.pop(partition, None)
            if batch is not None and batch.future is not None:
                taken[partition] = batch.settled
                self._ending[partition] = batch.future
                self._loop.call_soon_threadsafe(batch.stopping.set)
        return taken

    def end(self, seconds: float) -> None:
        """End all deliveries: at their next pause, or in the middle after that many seconds."""
        in_flight = list(self._current.values())
        for batch in in_flight:
            self._loop.call_soon_threadsafe(batch.stopping.set)
        futures = [batch.future for batch in in_flight if batch.future]
        for future in wait(futures, timeout=seconds).not_done:
            future.cancel()

    async def _deliver(
        self, batch: Batch, records: Sequence[Any], before: Future[None] | None
    ) -> None:
        if before is not None:
            await asyncio.wait([asyncio.wrap_future(before)])
        for record in records:
            if batch.stopping.is_set():
                return
            try:
                await self._settle(record, batch.stopping)
            except Stopped:
                return
            batch.settled = record.offset + 1

    async def _settle(self, record: Any, stopping: asyncio.Event) -> None:
        """Have it handled or kept; one that cannot be read, or meets an internal error, is kept."""
        try:
            await self._delivery.deliver(_arrival(record, _time_of(record)), stopping)
        except Stopped:
            raise
        except Exception as error:
            # Raised, it would end the consumer, and meet the next one again, for ever.
            log.exception("record not delivered", topic=record.topic, offset=record.offset)
            await self._delivery.keep(_arrival(record, EPOCH), 1, error, stopping)


def _time_of(record: Any) -> datetime:
    """When Kafka says that it was written.

    Raises:
        ValueError | OverflowError | OSError: No calendar has it.
    """
    return datetime.fromtimestamp(max(record.timestamp, 0) / 1000, UTC)


def _arrival(record: Any, time: datetime) -> ReceivedEvent:
    return ReceivedEvent(
        event=event_of(
            record.headers,
            topic=record.topic,
            key=(record.key or b"").decode(errors="replace"),
            fallback_id=f"{record.topic}/{record.partition}/{record.offset}",
            fallback_time=time,
        ),
        value=record.value or b"",
        headers=tuple((name, value or b"") for name, value in record.headers),
        partition=record.partition,
        offset=record.offset,
    )

"""The batches of one consumer that are being delivered, at most one for each partition."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from kafka import OffsetAndMetadata, TopicPartition

from chassis.consumers.delivery import Delivery, ReceivedEvent, Stopped
from chassis.kafka.cloudevents import event_in, time_of
from chassis.telemetry import traces

log = structlog.get_logger(__name__)

EPOCH = datetime.fromtimestamp(0, UTC)

_TOGETHER: traces.Attributes = {
    "messaging.system": "kafka",
    "messaging.operation.type": "process",
    "messaging.operation.name": "process",
}

Offsets = dict[TopicPartition, OffsetAndMetadata]


@dataclass(eq=False)
class Batch:
    """Events of one partition, on their way to the handler.

    Attributes:
        stopping: Ends the delivery at its next pause.
        settled: The offset up to which all is handled or kept; at first that of the first event.
        paused: Whether the partition is not polled meanwhile.
    """

    stopping: asyncio.Event
    settled: int
    paused: bool = False


class InFlight:
    """Delivers batches, and knows up to where the events of each partition are settled.

    Args:
        delivery: What becomes of each event.
        on_end: Called when a delivery has ended.
    """

    # Methods are for the event loop, but for `settled` and `take_away`: rebalancing calls them in
    # kafka-python's thread, while the one task that calls the others waits for it.

    def __init__(self, delivery: Delivery, on_end: Callable[[], None] = lambda: None) -> None:
        self._loop = asyncio.get_running_loop()
        self._delivery = delivery
        self._on_end = on_end
        self._current: dict[TopicPartition, tuple[Batch, asyncio.Task[None]]] = {}
        # Deliveries of partitions that were taken away; they may come back before these ended.
        self._ending: dict[TopicPartition, asyncio.Task[None]] = {}
        self._settled: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}

    def __bool__(self) -> bool:
        return bool(self._current)

    def begin(self, partition: TopicPartition, records: Sequence[Any]) -> None:
        """Have `records`, as kafka-python gives them, delivered in their order."""
        batch = Batch(asyncio.Event(), settled=records[0].offset)
        self._committed.setdefault(partition, batch.settled)
        before = self._ending.pop(partition, None)
        task = self._loop.create_task(self._deliver(batch, records, before))
        task.add_done_callback(lambda _: self._on_end())
        self._current[partition] = batch, task

    async def wait(self, seconds: float) -> None:
        """Wait until what was just begun is delivered; not for partitions that are paused."""
        fresh = [task for batch, task in self._current.values() if not batch.paused]
        if fresh:
            await asyncio.wait(fresh, timeout=seconds)

    def settled(self, partitions: Collection[TopicPartition] | None = None) -> Offsets:
        """What the group does not know yet to be settled, of all or of those partitions."""
        return {
            partition: OffsetAndMetadata(settled, "", -1)
            for partition, settled in self._reached().items()
            if settled > self._committed[partition]
            and (partitions is None or partition in partitions)
        }

    def unknown(self) -> int:
        """About how many events are settled without the group knowing it."""
        return sum(settled - self._committed[at] for at, settled in self._reached().items())

    def reached(self, partition: TopicPartition) -> int | None:
        """The offset up to which all of it is settled; None if none of it is under way."""
        current = self._current.get(partition)
        return current[0].settled if current else None

    def committed(self, offsets: Offsets) -> None:
        """The group knows of `offsets` now."""
        for partition, offset in offsets.items():
            if partition in self._committed:
                self._committed[partition] = max(self._committed[partition], offset.offset)

    def finished(self) -> list[TopicPartition]:
        """Let go of the batches that are delivered; their partitions if paused.

        Raises:
            Exception: A fault of the delivery itself.
        """
        done = {at: current for at, current in self._current.items() if current[1].done()}
        for partition, (batch, task) in done.items():
            del self._current[partition]
            self._settled[partition] = batch.settled
            task.result()
        return [partition for partition, (batch, _) in done.items() if batch.paused]

    def slow(self) -> list[TopicPartition]:
        """The partitions that have to be paused now, since their batch takes its time."""
        slow = {at: batch for at, (batch, _) in self._current.items() if not batch.paused}
        for batch in slow.values():
            batch.paused = True
        return list(slow)

    def take_away(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """End the deliveries of `partitions` at their next pause; they may belong to others now.

        Returns:
            For each of them that had events, the offset up to which the group knows all settled.
        """
        known: dict[TopicPartition, int] = {}
        for partition in partitions:
            self._settled.pop(partition, None)
            if partition in self._committed:
                known[partition] = self._committed.pop(partition)
            if current := self._current.pop(partition, None):
                batch, task = current
                self._ending[partition] = task
                self._loop.call_soon_threadsafe(batch.stopping.set)
        return known

    async def end(self, seconds: float) -> None:
        """End all deliveries: at their next pause, or in the middle after that many seconds."""
        for batch, _ in self._current.values():
            batch.stopping.set()
        tasks = [task for _, task in self._current.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()

    def _reached(self) -> dict[TopicPartition, int]:
        current = {at: batch.settled for at, (batch, _) in self._current.items()}
        return {**self._settled, **current}

    async def _deliver(
        self, batch: Batch, records: Sequence[Any], before: asyncio.Task[None] | None
    ) -> None:
        if before is not None:
            await asyncio.wait([before])
        handled = await self._handled_together(records)
        for record in records:
            if record.offset not in handled:
                if batch.stopping.is_set():
                    return
                try:
                    await self._settle(record, batch.stopping)
                except Stopped:
                    return
            batch.settled = record.offset + 1

    async def _handled_together(self, records: Sequence[Any]) -> Collection[int]:
        """The offsets of those that could be handled side by side, where they may be."""
        if len(records) == 1 or not self._delivery.in_any_order:
            return ()
        with traces.span("process", "consumer", _TOGETHER, links=map(_trace_of, records)):
            handled = await asyncio.gather(*map(self._try_once, records))
        return {record.offset for record, done in zip(records, handled, strict=True) if done}

    async def _try_once(self, record: Any) -> bool:
        try:
            return await self._delivery.try_once(_arrival(record, time_of(record)))
        except Exception:  # noqa: BLE001 - it is met again where it is settled
            return False

    async def _settle(self, record: Any, stopping: asyncio.Event) -> None:
        """Have it handled or kept; one that cannot be read, or meets an internal error, is kept."""
        try:
            await self._delivery.deliver(_arrival(record, time_of(record)), stopping)
        except Stopped:
            raise
        except Exception as error:
            # Raised, it would end the consumer, and meet the next one again, for ever.
            log.exception("record not delivered", topic=record.topic, offset=record.offset)
            await self._delivery.keep(_arrival(record, EPOCH), 1, error, stopping)


def _trace_of(record: Any) -> str:
    """The `traceparent` that it came with; empty for none."""
    value: bytes = dict(record.headers).get(traces.HEADER) or b""
    return value.decode(errors="replace")


def _arrival(record: Any, time: datetime) -> ReceivedEvent:
    return ReceivedEvent(
        event=event_in(record, time),
        value=record.value or b"",
        headers=tuple((name, value or b"") for name, value in record.headers),
        partition=record.partition,
        offset=record.offset,
    )

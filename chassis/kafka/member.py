"""A member of a consumer group, for an event loop: kafka-python's consumer without its polling.

KafkaConsumer wants a thread that polls it, and keeps another that talks to Kafka. A service has a
group for each event that it takes, so it would have twenty such threads, which wake each other
several times for each event, and twice a second where there is none. Here all members of a process
share one thread that talks to Kafka, and what a poll does is a coroutine in it.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from kafka import AsyncConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaTimeoutError
from kafka.protocol.consumer import OffsetSpec
from kafka.structs import MemberState

from chassis.tasks import in_thread, is_set_within

Offsets = Mapping[TopicPartition, OffsetAndMetadata]
Records = Mapping[TopicPartition, list[Any]]

# Where the group is asked for something, and refuses at once.
AGAIN_SECONDS = 0.1
CLOSE_MS = 1_000
# More than any call may take; kafka-python's thread is gone where it takes longer.
GONE_SECONDS = 30.0
# How long Kafka keeps a question for events where there are none. While it does, partitions that
# were not in the question wait: those that were paused then.
IDLE_FETCH_MS = 5_000
BUSY_FETCH_MS = 500


class GroupMember:
    """A KafkaConsumer that belongs to a group, and of which one task uses one method at a time.

    It does as `KafkaConsumer.poll` does, but for three faults of kafka-python 3.0.12:

    Where the metadata of a topic changes, the leader of a group rejoins. `need_rejoin` has no other
    note of that than the difference to the metadata of the last assignment, and the new assignment,
    in the middle of the rejoin, makes it vanish. A poll that ends between there and the group's
    answer leaves the rejoin behind: the next sees no reason for one, so no one takes the answer,
    heartbeats stay off, nothing is fetched, and the group expels the member, for good. Kafka's own
    client looks for a pending join as well, and makes a note first (KAFKA-9815); here the note is
    made when a poll ends.

    Where a partition is paused while some of its fetched records were not returned yet, they are
    put aside, and no more are fetched of it before they are taken up again. kafka-python does that
    only while it holds no records of another partition, and takes those that were all returned for
    records that it holds: the partition stands still for good once any other has gone on meanwhile.
    Here what was all returned is let go first.

    Where partitions come to a member while Kafka keeps its question for events of others, they wait
    for the answer. Here the question is withdrawn.
    """

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._consumer = consumer
        self._coordinator = consumer._coordinator  # noqa: SLF001
        self._fetcher = consumer._fetcher  # noqa: SLF001
        self._subscription = consumer._subscription  # noqa: SLF001
        self._manager = consumer._manager  # noqa: SLF001
        self._asking: Any = None

    def subscribe(self, topic: str, listener: AsyncConsumerRebalanceListener) -> None:
        """Read `topic`; `listener` is called while it polls or closes, by kafka-python's thread."""
        self._consumer.subscribe([topic], listener=listener)

    async def poll(self, seconds: float) -> Records:
        """The records of each partition; none after that many seconds, or when it is woken.

        Raises:
            KafkaError: The group, or kafka-python, failed; a new member has to take over.
        """
        self._woken.clear()
        if self._asking is not None and self._asking.failed():
            raise self._asking.exception
        self._coordinator.poll_heartbeat()
        if self._is_unsettled() and not await self._called(self._settled, seconds * 1000):
            await is_set_within(self._woken, AGAIN_SECONDS)
            return {}
        if records := self._taken():
            return records
        await is_set_within(self._woken, seconds)
        return {} if self._is_unsettled() else self._taken()

    def wake(self) -> None:
        """End the poll's wait."""
        self._woken.set()

    def pause(self, partitions: Collection[TopicPartition]) -> None:
        """Return no records of `partitions`, until they are resumed."""
        self._consumer.pause(*partitions)
        self._set_pace()

    def resume(self, partitions: Collection[TopicPartition]) -> None:
        """Return records of `partitions` again."""
        self._consumer.resume(*partitions)
        self._set_pace()

    def rewind(self, partition: TopicPartition, offset: int) -> None:
        """Go on with the record at `offset`, and return records of `partition` again."""
        self._consumer.seek(partition, offset)
        self.resume([partition])

    def fetch_anew(self) -> None:
        """Withdraw questions for events that Kafka keeps; for kafka-python's thread."""
        for node in list(self._fetcher._nodes_with_pending_fetch_requests):  # noqa: SLF001
            self._manager.close(node)

    def assignment(self) -> Collection[TopicPartition]:
        """The partitions that are read."""
        return tuple(self._consumer.assignment())

    def is_joined(self) -> bool:
        """Whether the group has the member in its present generation, as far as is known here."""
        return bool(self._consumer.group_metadata().state == MemberState.STABLE)

    def position(self, partition: TopicPartition) -> int | None:
        """The offset of the next record; None where it is not known."""
        state = self._subscription.assignment.get(partition)
        position = state.position if state else None
        return int(position.offset) if position else None

    async def commit(self, offsets: Offsets, seconds: float) -> None:
        """Tell the group up to where all is settled.

        Raises:
            KafkaError: It does not know of it; KafkaTimeoutError where it did not answer in time.
        """
        await self._called(self.commit_here, offsets, seconds)

    async def commit_here(self, offsets: Offsets, seconds: float) -> None:
        """As `commit`, for kafka-python's thread: in a listener."""
        await self._coordinator._commit_offsets_sync_async(offsets, seconds * 1000)  # noqa: SLF001

    async def ends(
        self, partitions: Collection[TopicPartition], seconds: float
    ) -> Mapping[TopicPartition, int]:
        """The offsets behind the last record that Kafka has of each.

        Raises:
            KafkaError: It did not say.
        """
        latest = dict.fromkeys(partitions, OffsetSpec.LATEST)
        ask = self._fetcher._fetch_offsets_by_times_async  # noqa: SLF001
        found = await self._called(ask, latest, seconds * 1000)
        return {partition: each.offset for partition, each in found.items()}

    async def close(self) -> None:
        """Give the partitions back, which calls the listener, and leave the group."""
        await in_thread(lambda: self._consumer.close(autocommit=False, timeout_ms=CLOSE_MS))

    def _is_unsettled(self) -> bool:
        """Whether it is not known which partitions to read, and from where."""
        return bool(
            self._coordinator.coordinator_unknown()
            or self._coordinator.need_rejoin()
            or not self._subscription.has_all_fetch_positions()
        )

    async def _settled(self, timeout_ms: float) -> bool:
        """Join, and find out where to begin; False where that has not come to its end yet."""
        group = self._coordinator
        try:
            if not await group.ensure_coordinator_ready_async(timeout_ms):
                return False
            if group.need_rejoin() and not await group.ensure_active_group_async(timeout_ms):
                return False
            if not self._subscription.has_all_fetch_positions():
                if not await group.refresh_committed_offsets_if_needed_async(timeout_ms):
                    return False
                self._subscription.reset_missing_positions()
                self._wake_after(self._fetcher.reset_offsets_if_needed())
        except KafkaTimeoutError:
            return False
        finally:
            self._note_rejoin()
        return True

    def _note_rejoin(self) -> None:
        if self._coordinator.state == MemberState.REBALANCING:
            self._coordinator.request_rejoin()

    def _taken(self) -> Records:
        """Records that are here already; more are asked for where there are no others."""
        self._let_go()
        records: Records
        records, partial = self._fetcher.fetched_records()
        asked = len(self._fetcher._nodes_with_pending_fetch_requests)  # noqa: SLF001
        if not partial and asked < len(self._manager.cluster.brokers()):
            self._asking = self._manager.call_soon(self._ask)
        return records

    def _let_go(self) -> None:
        if not self._fetcher._next_partition_records:  # noqa: SLF001
            self._fetcher._next_partition_records = None  # noqa: SLF001

    async def _ask(self) -> None:
        """Ask Kafka for records, and be woken when it answers."""
        self._fetcher.maybe_validate_positions()
        self._wake_after(self._fetcher.validate_offsets_if_needed())
        for asked in await self._fetcher._send_fetches_async():  # noqa: SLF001
            self._wake_after(asked)

    def _wake_after(self, answer: Any) -> None:
        """Where it fails, or is None, the next poll asks again, and not at once."""
        if answer is not None:
            answer.add_callback(self._wake)

    def _wake(self, _: object) -> None:
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._woken.set)

    def _set_pace(self) -> None:
        is_busy = bool(self._consumer.paused())
        self._fetcher.config["fetch_max_wait_ms"] = BUSY_FETCH_MS if is_busy else IDLE_FETCH_MS

    async def _called(self, work: Callable[..., Any], *args: Any) -> Any:
        """What `work` returns or raises in kafka-python's thread."""
        ended = asyncio.Event()
        future = self._manager.call_soon(work, *args)

        def end(_: object) -> None:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(ended.set)

        future.add_both(end)
        if not await is_set_within(ended, GONE_SECONDS):
            raise KafkaTimeoutError("kafka-python's thread does not answer")
        if future.exception is not None:
            raise future.exception
        return future.value

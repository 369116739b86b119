"""Consumers on Kafka, with their dead letters in MongoDB."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from kafka import KafkaAdminClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.cloudevents import headers_of
from chassis.consumers import Consumers, Event, RetryPolicy, Subscription
from chassis.dead_letters import DeadLetters, MongoDeadLetters
from chassis.event_topics import group_of, topic_of
from chassis.ids import new_id
from chassis.kafka import Kafka, Outcome, Record
from chassis.mongo import Document
from devstack.servers import Servers
from tests.contract.chassis.inbox import PATIENCE_SECONDS, Inbox

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 5, 18, tzinfo=UTC)
AT_ONCE = RetryPolicy(attempts=3, first_pause=timedelta(0))
NEVER_AGAIN = RetryPolicy(first_pause=timedelta(hours=1), longest_pause=timedelta(hours=1))


class World:
    """A service whose only event is `happened`."""

    def __init__(
        self,
        servers: Servers,
        kafka: Kafka,
        database: AsyncDatabase[Document],
        happened: type[Any],
    ) -> None:
        self.servers = servers
        self.kafka = kafka
        self.happened = happened
        self.topic = topic_of(happened)
        self.group = group_of(kafka.source, self.topic)
        self.store = MongoDeadLetters(database)

    async def publish(self, *texts: str, key: str = "k") -> None:
        """Publish an event for each text; its id is the text."""
        await self.send(
            [
                Record(
                    self.topic,
                    key,
                    self.happened(text=text).SerializeToString(),
                    headers_of(Event(text, self.topic, key, NOW, "svc_things", "00-aa-bb-01")),
                )
                for text in texts
            ]
        )

    async def send(self, records: Sequence[Record]) -> None:
        assert set(await self.kafka.publish(records)) == {Outcome.KEPT}

    @asynccontextmanager
    async def consuming(
        self, inbox: Inbox, policy: RetryPolicy = AT_ONCE, kafka: Kafka | None = None
    ) -> AsyncIterator[Consumers]:
        """Consumers, until the block ends."""
        consumers = Consumers(
            self.kafka.source,
            kafka or self.kafka,
            [Subscription(self.happened, inbox)],
            self.store,
            policy,
        )
        consumers.start()
        yield consumers
        async with asyncio.timeout(PATIENCE_SECONDS):
            await consumers.stop()

    async def committed(self) -> int:
        """How many events the group says it has settled."""

        def ask() -> int:
            admin = KafkaAdminClient(bootstrap_servers=self.servers.kafka)
            try:
                offsets = admin.list_group_offsets(self.group)
            finally:
                admin.close()
            return sum(max(each.offset, 0) for each in offsets[self.group].values())

        return await asyncio.to_thread(ask)

    async def until_dead_letters(self, number: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.store.count() != number:
                await asyncio.sleep(0)


@pytest.fixture
def world(
    servers: Servers, kafka: Kafka, database: AsyncDatabase[Document], happened: type[Any]
) -> World:
    return World(servers, kafka, database, happened)


async def test_an_event_reaches_its_handler(world: World) -> None:
    inbox = Inbox()
    async with world.consuming(inbox):
        await world.publish("a")
        await inbox.until(lambda: inbox.handled == ["a"])
    assert inbox.events == [Event("a", world.topic, "k", NOW, "svc_things", "00-aa-bb-01")]


async def test_what_was_published_before_the_group_was_there_is_read(world: World) -> None:
    await world.publish("a", "b")
    inbox = Inbox()
    async with world.consuming(inbox):
        await inbox.until(lambda: inbox.handled == ["a", "b"])


async def test_an_event_without_cloudevents_headers_is_known_by_its_place(world: World) -> None:
    inbox = Inbox()
    await world.send([Record(world.topic, "k", world.happened(text="a").SerializeToString(), [])])
    async with world.consuming(inbox):
        await inbox.until(lambda: inbox.handled == ["a"])
    [event] = inbox.events
    topic, partition, offset = event.id.split("/")
    assert (topic, partition in "012", offset) == (world.topic, True, "0")
    assert event.key == "k"
    assert event.time > NOW


async def test_readiness_is_having_the_assignment(world: World) -> None:
    async with world.consuming(Inbox()) as consumers:
        assert not consumers.ready()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not consumers.ready():
                await asyncio.sleep(0)
    assert not consumers.ready()


async def test_an_event_that_failed_is_delivered_again_before_those_after_it(world: World) -> None:
    inbox = Inbox(fails=lambda text, times: text == "a" and times < 3)
    async with world.consuming(inbox):
        await world.publish("a", "b")
        await inbox.until(lambda: inbox.handled == ["a", "b"])
    assert inbox.attempts == ["a", "a", "a", "b"]
    assert await world.store.count() == 0


async def test_after_the_last_attempt_it_is_a_dead_letter_and_the_next_is_handled(
    world: World,
) -> None:
    inbox = Inbox(fails=lambda text, _: text == "a")
    async with world.consuming(inbox):
        await world.publish("a", "b")
        await inbox.until(lambda: inbox.handled == ["b"])
    assert inbox.attempts == ["a", "a", "a", "b"]
    [letter] = (await world.store.page(10, None)).letters
    assert (letter.group, letter.topic) == (world.group, world.topic)
    assert (letter.event_id, letter.key, letter.offset, letter.attempts) == ("a", "k", 0, 3)
    assert letter.error == "ValueError: a fails"
    assert letter.event.source == "svc_things"
    assert await world.committed() == 2


async def test_a_dead_letter_is_replayed_once_its_cause_is_mended(world: World) -> None:
    inbox = Inbox(fails=lambda text, _: text == "a")
    async with world.consuming(inbox):
        await world.publish("a")
        await world.until_dead_letters(1)
    table = [Subscription(world.happened, inbox)]
    letters = DeadLetters(world.store, world.kafka.source, table)
    [letter] = (await letters.list(10)).letters
    with pytest.raises(ValueError, match="a fails"):
        await letters.replay(letter.id)
    inbox.fails = lambda _text, _times: False
    await letters.replay(letter.id)
    assert inbox.handled == ["a"]
    assert inbox.events[0].id == "a"
    assert await letters.count() == 0


async def test_what_can_not_be_decoded_is_a_dead_letter_and_the_next_is_handled(
    world: World,
) -> None:
    inbox = Inbox()
    async with world.consuming(inbox):
        await world.send([Record(world.topic, "k", b"\xff\xff", [])])
        await world.publish("b")
        await inbox.until(lambda: inbox.handled == ["b"])
    assert inbox.attempts == ["b"]
    [letter] = (await world.store.page(10, None)).letters
    assert (letter.value, letter.attempts) == (b"\xff\xff", 1)


async def test_stopping_during_a_backoff_ends_at_once_and_the_event_comes_again(
    world: World,
) -> None:
    first = Inbox(fails=lambda text, _: text == "b")
    async with world.consuming(first, NEVER_AGAIN):
        await world.publish("a", "b", "c")
        await first.until(lambda: first.attempts == ["a", "b"])
    assert await world.committed() == 1
    second = Inbox()
    async with world.consuming(second):
        await second.until(lambda: second.handled == ["b", "c"])
    assert await world.store.count() == 0


async def test_offsets_are_committed_only_after_the_effect(world: World) -> None:
    inbox = Inbox()
    inbox.hold.clear()
    async with world.consuming(inbox):
        await world.publish("a")
        await inbox.until(lambda: inbox.attempts == ["a"])
        assert await world.committed() == 0
        inbox.hold.set()
        await inbox.until(lambda: inbox.handled == ["a"])
    assert await world.committed() == 1


async def test_an_event_whose_handler_was_cut_off_comes_again(world: World) -> None:
    first = Inbox()
    first.hold.clear()
    async with world.consuming(first):
        await world.publish("a")
        await first.until(lambda: first.attempts == ["a"])
    assert first.handled == []
    second = Inbox()
    async with world.consuming(second):
        await second.until(lambda: second.handled == ["a"])


async def test_a_partition_that_is_held_up_holds_no_other_up(world: World) -> None:
    keys = {f"k{number}" for number in range(20)}
    inbox = Inbox(fails=lambda text, _: text == "held up")
    async with world.consuming(inbox, NEVER_AGAIN):
        await world.publish("held up", key="k0")
        await inbox.until(lambda: inbox.attempts == ["held up"])
        for key in sorted(keys):
            await world.publish(f"after {key}", key=key)
        others = {f"after {key}" for key in keys - await same_partition(world, "k0", keys)}
        assert others
        await inbox.until(lambda: set(inbox.handled) == others)
        for key in sorted(keys):
            await world.publish(f"again {key}", key=key)
        await inbox.until(lambda: len(inbox.handled) == 2 * len(others))


async def same_partition(world: World, key: str, keys: set[str]) -> set[str]:
    """Those of `keys` whose events wait behind those of `key`."""
    from kafka.partitioner.default import murmur2

    def partition(text: str) -> int:
        return (murmur2(text.encode()) & 0x7FFFFFFF) % 3

    return {each for each in keys if partition(each) == partition(key)}


async def test_two_replicas_share_the_partitions_and_one_takes_over(world: World) -> None:
    keys = [f"k{number}" for number in range(30)]
    one, two = Inbox(), Inbox()
    replica = Kafka(world.servers.kafka, source=world.kafka.source)
    async with world.consuming(one):
        await world.publish("first")
        await one.until(lambda: one.handled == ["first"])
        async with world.consuming(two, kafka=replica) as consumers:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while not consumers.ready():
                    await asyncio.sleep(0)
            for key in keys:
                await world.publish(key, key=key)
            await asyncio.gather(
                one.until(lambda: set(keys) <= {*one.handled, *two.handled} or bool(two.handled)),
                two.until(lambda: bool(two.handled)),
            )
        for key in keys:
            await world.publish(f"{key} again", key=key)
        await one.until(lambda: {f"{key} again" for key in keys} <= set(one.handled))
    assert set(keys) <= {*one.handled, *two.handled}
    await replica.close()


async def test_many_events_are_all_handled_in_the_order_of_their_keys(world: World) -> None:
    inbox = Inbox()
    async with world.consuming(inbox):
        for key in ["x", "y", "z"]:
            await world.publish(*(f"{key} {number:04}" for number in range(500)), key=key)
        await inbox.until(lambda: len(inbox.handled) == 1500)
    for key in ["x", "y", "z"]:
        texts = [text for text in inbox.handled if text.startswith(key)]
        assert texts == sorted(texts)


async def test_without_kafka_consumers_wait_and_can_be_stopped(
    database: AsyncDatabase[Document], happened: type[Any]
) -> None:
    kafka = Kafka("127.0.0.1:1", source=f"svc_{new_id()}")
    consumers = Consumers(
        kafka.source, kafka, [Subscription(happened, Inbox())], MongoDeadLetters(database)
    )
    consumers.start()
    outcomes = await kafka.publish([Record(topic_of(happened), "k", b"", [])])
    assert outcomes == [Outcome.UNAVAILABLE]
    assert not consumers.ready()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await consumers.stop()
        await kafka.close()


async def test_an_event_can_be_subscribed_to_once(
    kafka: Kafka, database: AsyncDatabase[Document], happened: type[Any]
) -> None:
    twice = [Subscription(happened, Inbox()), Subscription(happened, Inbox())]
    with pytest.raises(ValueError, match="twice"):
        Consumers("svc_cart", kafka, twice, MongoDeadLetters(database))

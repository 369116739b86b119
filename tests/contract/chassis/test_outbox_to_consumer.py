"""From a document's outbox in MongoDB, through Kafka, to a handler."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.consumers.consumers import Consumers
from chassis.consumers.dead_letters import MongoDeadLetters
from chassis.events import Subscription
from chassis.ids import new_id
from chassis.kafka.client import Kafka
from chassis.mongo.client import Document, ensure_indexes
from chassis.outbox.outbox import Outbox
from chassis.outbox.relay import Relay
from tests.contract.chassis.inbox import PATIENCE_SECONDS, Inbox

pytestmark = pytest.mark.anyio


@pytest.fixture
def encode(happened: type[Any]) -> Callable[[str], Any]:
    return lambda text: happened(text=text)


async def write(outbox: Outbox, *texts: str) -> tuple[str, list[Document]]:
    """What a store does, but for the nudge; the document's id and its entries."""
    thing = new_id()
    entries = outbox.entries(thing, texts)
    await outbox.collection.insert_one({"_id": thing, "outbox": entries})
    return thing, entries


async def run(
    stack: AsyncExitStack,
    kafka: Kafka,
    database: AsyncDatabase[Document],
    happened: type[Any],
    inbox: Inbox,
) -> None:
    consumers = Consumers(
        kafka.source, kafka, [Subscription(happened, inbox)], MongoDeadLetters(database)
    )
    consumers.start()
    stack.push_async_callback(consumers.stop)


async def start(stack: AsyncExitStack, outbox: Outbox, kafka: Kafka) -> Relay:
    await ensure_indexes(outbox.collection.database, [outbox.index])
    relay = Relay(outbox, kafka)
    relay.start()
    stack.push_async_callback(relay.stop)
    return relay


async def test_a_nudged_event_arrives_and_leaves_its_outbox(
    kafka: Kafka,
    database: AsyncDatabase[Document],
    happened: type[Any],
    encode: Callable[[str], Any],
) -> None:
    inbox, outbox = Inbox(), Outbox(database["things"], encode)
    async with AsyncExitStack() as stack:
        relay = await start(stack, outbox, kafka)
        await run(stack, kafka, database, happened, inbox)
        thing, entries = await write(outbox, "a", "b")
        outbox.nudge(thing, entries)
        await inbox.until(lambda: inbox.handled == ["a", "b"])
        assert await relay.drain(PATIENCE_SECONDS)
    assert [event.id for event in inbox.events] == [entry["id"] for entry in entries]
    assert [event.time for event in inbox.events] == [entry["at"] for entry in entries]
    assert {event.key for event in inbox.events} == {thing}
    assert {event.source for event in inbox.events} == {kafka.source}
    assert await database["things"].find_one({}) == {"_id": thing, "outbox": []}


async def test_an_event_whose_writer_crashed_arrives_by_the_sweep(
    kafka: Kafka,
    database: AsyncDatabase[Document],
    happened: type[Any],
    encode: Callable[[str], Any],
) -> None:
    inbox, outbox = Inbox(), Outbox(database["things"], encode)
    await write(outbox, "written, never nudged")
    async with AsyncExitStack() as stack:
        await start(stack, outbox, kafka)
        await run(stack, kafka, database, happened, inbox)
        await inbox.until(lambda: inbox.handled == ["written, never nudged"])


async def test_two_relays_bring_everything_at_least_once(
    kafka_url: str,
    kafka: Kafka,
    database: AsyncDatabase[Document],
    happened: type[Any],
    encode: Callable[[str], Any],
) -> None:
    inbox = Inbox()
    outboxes = [Outbox(database["things"], encode), Outbox(database["things"], encode)]
    other = Kafka(kafka_url, source=kafka.source)
    texts = {f"{number}" for number in range(60)}
    async with AsyncExitStack() as stack:
        stack.push_async_callback(other.close)
        for outbox, publisher in zip(outboxes, [kafka, other], strict=True):
            await start(stack, outbox, publisher)
        await run(stack, kafka, database, happened, inbox)
        for number in range(60):
            outbox = outboxes[number % 2]
            thing, entries = await write(outbox, f"{number}")
            if number % 3:
                outbox.nudge(thing, entries)
        await inbox.until(lambda: set(inbox.handled) == texts)

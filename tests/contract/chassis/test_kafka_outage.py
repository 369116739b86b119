"""Kafka stopping and coming back, under an outbox, its relay and a consumer."""

import asyncio
import gc
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.consumers.consumers import Consumers
from chassis.consumers.dead_letters import MongoDeadLetters
from chassis.events import Subscription
from chassis.ids import new_id
from chassis.kafka.client import Kafka, Record
from chassis.mongo.client import Document, ensure_indexes
from chassis.outbox.outbox import Outbox
from chassis.outbox.relay import Relay
from devstack.console import Silent
from devstack.credentials import Credentials
from devstack.ports import Ports
from devstack.servers import Site, plan
from devstack.supervisor import Supervisor
from tests.contract.chassis.following import following
from tests.contract.chassis.inbox import PATIENCE_SECONDS, Inbox

# While a broker is away, kafka-python leaves the sockets of its attempts to the collector.
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


class Broker:
    """A Kafka of this test's own, at the same address each time it runs."""

    def __init__(self, folder: Path, ports: Ports) -> None:
        folder.mkdir()
        site = Site(folder, ports, _without_servers(), Credentials.kept_in(folder))
        servers, self._processes = plan(site, {"kafka"})
        self.address = servers.kafka
        self._logs = folder / "logs"

    def run(self) -> Supervisor:
        """It runs inside of this context."""
        return Supervisor(self._processes, logs=self._logs, console=Silent())


def _without_servers() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "KAFKA_URL"}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    with closing(Ports()) as ports:
        yield Broker(tmp_path / "broker", ports)
    gc.collect()


async def test_events_written_while_kafka_is_away_arrive_after_its_return(
    broker: Broker, service: str, database: AsyncDatabase[Document], happened: type[Any]
) -> None:
    inbox = Inbox()
    kafka = Kafka(broker.address, source=service)
    outbox = Outbox(database["things"], lambda text: happened(text=text))
    await ensure_indexes(database, [outbox.index])
    relay = Relay(outbox, kafka)
    relay.start()
    consumers = Consumers(
        service, kafka, [Subscription(happened, inbox)], MongoDeadLetters(database)
    )
    consumers.start()

    async def write(text: str) -> None:
        entries = outbox.entries("k", [text])
        thing = new_id()
        await database["things"].insert_one({"_id": thing, "outbox": entries})
        outbox.nudge(thing, entries)

    await write("before it ever ran")
    async with broker.run():
        await write("while it runs")
        await inbox.until(lambda: len(set(inbox.handled)) == 2)
    away = [f"while away {number}" for number in range(20)]
    for text in away:
        await write(text)
    assert not set(away) & set(inbox.handled)
    async with broker.run():
        await write("after its return")
        await inbox.until(lambda: {*away, "after its return"} <= set(inbox.handled))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (await relay.backlog()).documents:
                await asyncio.sleep(0)
        await consumers.stop()
    await relay.stop()
    await kafka.close()


async def test_a_feed_knows_that_it_hears_nothing_and_goes_on_after_the_return(
    broker: Broker,
) -> None:
    topic = f"t.{new_id()}"
    async with following(broker.address, topic) as heard:
        for times in (1, 2):
            async with broker.run():
                kafka = Kafka(broker.address, source="svc_things")
                await kafka.ensure_topics([topic])
                await heard.all()
                await kafka.publish([Record(topic, "k", b"%d" % times, [])])
                await heard.all()
                await kafka.close()
            assert heard.values == [b"%d" % each for each in range(1, times + 1)]
            away = monotonic()
            await asyncio.sleep(1)
            assert heard.known_until < away

"""What a service on real servers shows at its ops port."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import grpc
import httpx
import pytest
from prometheus_client.samples import Sample
from pymongo.asynchronous.database import AsyncDatabase
from shop.auth.v1 import auth_pb2_grpc
from shop.orders.v1 import events_pb2

from chassis.consumers.dead_letters import MongoDeadLetters
from chassis.contract.topics import group_of
from chassis.events import Subscription
from chassis.mongo.client import Document
from chassis.service import Service
from chassis.settings.environment import ServiceSettings
from chassis.telemetry.metrics import Scrapes
from tests.contract.chassis.consuming import World
from tests.contract.chassis.inbox import Inbox
from tests.contract.chassis.test_dead_letter_stores import letters
from tests.contract.gateway.services import Auth
from tests.support.metrics import shown_at
from tests.support.running import free_port

pytestmark = pytest.mark.anyio

PATIENCE_SECONDS = 60.0

Shown = Callable[..., float | None]


class Running:
    """A service with an outbox, `orders`, that takes one event."""

    def __init__(self, settings: ServiceSettings, inbox: Inbox) -> None:
        self.settings = settings
        self.inbox = inbox

    async def until(self, is_wanted: Callable[[Shown], bool]) -> Shown:
        """Sample and labels -> value, once they are as wanted; None for what is not shown."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                samples = {
                    (each.name, *sorted(each.labels.items())): each.value
                    for each in await asyncio.to_thread(self._samples)
                }

                def shown(name: str, found: Any = samples, **labels: str) -> float | None:
                    value: float | None = found.get((name, *sorted(labels.items())))
                    return value

                if is_wanted(shown):
                    return shown

    def _samples(self) -> list[Sample]:
        try:
            return shown_at(f"http://127.0.0.1:{self.settings.ops_port}")
        except httpx.ConnectError:
            return []  # it has not begun yet


@pytest.fixture
async def running(
    service: str,
    kafka_url: str,
    redis_url: str,
    database_url: str,
    happened: type[Any],
) -> AsyncIterator[Running]:
    auth_url = f"127.0.0.1:{free_port()}"
    auth = grpc.aio.server()
    auth_pb2_grpc.add_AuthServiceServicer_to_server(Auth(), auth)
    auth.add_insecure_port(auth_url)
    await auth.start()
    settings = ServiceSettings(
        auth_url=auth_url,
        client_secret="secret",
        redis_url=redis_url,
        grpc_port=free_port(),
        ops_port=free_port(),
        mongodb_url=database_url,
        kafka_url=kafka_url,
    )
    inbox = Inbox()

    async def wire(service: Service[ServiceSettings]) -> None:
        database = await service.database([])
        # Never published, as it is not an event's message.
        outbox = service.outbox("orders", lambda event: event)
        entries = outbox.entries("o1", [events_pb2.OrderCancelled(detail="gone")])
        stuck = [each | {"data": None} for each in entries]
        await database["orders"].insert_one({"_id": "o1", "outbox": stuck})
        service.consume([Subscription(happened, inbox)])

    stopping = asyncio.Event()
    async with AsyncExitStack() as stack:
        one = Service(service, settings, stack)
        one.scrapes = Scrapes(fresh_seconds=0)
        running = asyncio.create_task(one.run(wire, stopping))
        yield Running(settings, inbox)
        stopping.set()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await running
    await auth.stop(None)


async def test_what_only_the_servers_know_is_asked_of_them(
    running: Running,
    service: str,
    world: World,
    database: AsyncDatabase[Document],
) -> None:
    group = group_of(service, world.topic)
    await running.until(
        lambda shown: shown("kafka_consumergroup_lag", consumergroup=group, topic=world.topic) == 0
    )
    running.inbox.hold.clear()
    await world.publish("a", "b")
    [letter, *_] = letters(3)
    store = MongoDeadLetters(database)
    await store.keep(replace(letter, group=group))
    shown = await running.until(
        lambda shown: shown("kafka_consumergroup_lag", consumergroup=group, topic=world.topic) == 2
    )
    assert shown("dead_letters", consumergroup=group) == 1
    assert shown("rejected_events") == 0
    assert shown("outbox_entries", collection="orders") == 1
    age = shown("outbox_oldest_age_seconds", collection="orders")
    assert age is not None
    assert 0 < age < PATIENCE_SECONDS
    in_use, idle = (shown("mongodb_pool_connections", state=each) for each in ("in_use", "idle"))
    assert in_use is not None
    assert idle is not None
    assert in_use + idle > 0
    assert shown("mongodb_pool_wait_seconds_count")
    running.inbox.hold.set()
    await running.until(
        lambda shown: shown("events_handled_total", consumergroup=group, outcome="handled") == 2
    )

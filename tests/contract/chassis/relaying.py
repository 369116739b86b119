"""Orders with an outbox in MongoDB; Kafka is a fake that can be away."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from google.protobuf.message import Message
from pymongo.asynchronous.collection import AsyncCollection
from shop.orders.v1 import events_pb2

from chassis.clock import utcnow
from chassis.kafka.client import Outcome, Record
from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from chassis.outbox.relay import Relay

SOON = timedelta(milliseconds=5)
NEVER = timedelta(hours=1)
PATIENCE_SECONDS = 20.0


class Topic:
    """A `Publisher` that keeps what it gets, unless it is away, refuses it, or has a fault."""

    source = "svc_orders"

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.away = False
        self.refused = ""
        self.fault: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()
        self.changed = asyncio.Condition()

    async def publish(self, records: Sequence[Record]) -> list[Outcome]:
        await self.open.wait()
        if self.fault:
            raise self.fault
        outcomes = [self._take(record) for record in records]
        async with self.changed:
            self.changed.notify_all()
        return outcomes

    def _take(self, record: Record) -> Outcome:
        if self.away:
            return Outcome.TIMED_OUT
        if detail(record) == self.refused:
            return Outcome.REJECTED
        self.records.append(record)
        return Outcome.ACKNOWLEDGED

    @property
    def details(self) -> list[str]:
        return [detail(record) for record in self.records]

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a publish has made `condition` true."""
        async with asyncio.timeout(PATIENCE_SECONDS), self.changed:
            await self.changed.wait_for(condition)


def detail(record: Record) -> str:
    return events_pb2.OrderCancelled.FromString(record.value).detail


def encode(event: str) -> Message:
    return events_pb2.OrderCancelled(detail=event)


def encode_late(document: Mapping[str, Any], _: str) -> Message:
    return events_pb2.OrderCancelled(detail=document["state"])


class Orders:
    """Orders with an outbox, and the topic that its relays publish to."""

    def __init__(self, orders: AsyncCollection[Document]) -> None:
        self.documents = orders
        self.topic = Topic()
        self.outbox = Outbox(orders, encode, encode_deferred=encode_late)
        self.gathering = Outbox(orders, encode, gathers=True)

    @asynccontextmanager
    async def relay(
        self,
        *,
        sweep_every: timedelta = NEVER,
        gather: timedelta = SOON,
        outbox: Outbox | None = None,
        **bounds: int,
    ) -> AsyncIterator[Relay]:
        """A running relay, for which all entries are old enough to be swept."""

        relay = Relay(
            outbox or self.outbox,
            self.topic,
            sweep_every=sweep_every,
            gather=gather,
            # What is written here without a nudge, it finds at once.
            longest_sweep_pause=sweep_every.total_seconds(),
            clock=lambda: utcnow() + timedelta(seconds=30),
            **bounds,
        )
        relay.start()
        yield relay
        await relay.stop()

    async def write(self, order: str, *events: str) -> list[Document]:
        """What a store does, but for the nudge."""
        entries = self.outbox.entries(order, events)
        await self.documents.update_one(
            {"_id": order}, {"$push": {"outbox": {"$each": entries}}}, upsert=True
        )
        return entries

    async def change(self, order: str, *events: str, outbox: Outbox | None = None) -> None:
        """What a store does, nudge and all."""
        outbox = outbox or self.outbox
        await self.documents.update_one({"_id": order}, {"$set": {"is": "there"}}, upsert=True)
        assert await outbox.update_one({"_id": order}, {}, outbox.entries(order, events))

    async def waiting(self) -> int:
        found = self.documents.find({"outbox.at": {"$lte": utcnow()}})
        return sum([len(document["outbox"]) async for document in found])

    async def until_empty(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while await self.waiting():
                await asyncio.sleep(0)

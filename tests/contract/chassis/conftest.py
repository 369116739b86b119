"""What tests of events need: a database, topics and services that no other test uses."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import Message
from pymongo.asynchronous.database import AsyncDatabase
from shop.options.v1 import options_pb2

from chassis.consumers.dead_letters import INDEXES
from chassis.ids import new_id
from chassis.kafka.client import Kafka
from chassis.mongo.client import Document, connect, ensure_indexes
from tests.contract.chassis.consuming import World
from tests.contract.chassis.relaying import Orders


@pytest.fixture
def service() -> str:
    """The name of a service, and so of its consumer groups."""
    return f"svc_{new_id()}"


@pytest.fixture
def happened() -> type[Any]:
    """An event's message, with one field `text`; it has a topic of its own."""
    return event_type(f"thing.{new_id()}")


def event_type(topic: str) -> type[Message]:
    """A message annotated with `topic`, made as if a .proto file had it."""
    name = f"t{new_id()}"
    file = descriptor_pb2.FileDescriptorProto(name=f"{name}.proto", package=name, syntax="proto3")
    message = file.message_type.add(name="Happened")
    message.field.add(
        name="text",
        number=1,
        type=descriptor_pb2.FieldDescriptorProto.TYPE_STRING,
        label=descriptor_pb2.FieldDescriptorProto.LABEL_OPTIONAL,
    )
    message.options.Extensions[options_pb2.event].topic = topic
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{name}.Happened"))


@pytest.fixture
def database_url(mongodb_url: str) -> str:
    """The URL of a database that is not there yet."""
    return urlunsplit(urlsplit(mongodb_url)._replace(path=f"/test-{new_id()}"))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[AsyncDatabase[Document]]:
    database = await connect(database_url)
    await ensure_indexes(database, INDEXES)
    yield database
    await database.client.drop_database(database.name)
    await database.client.close()


@pytest.fixture
async def kafka(kafka_url: str, service: str) -> AsyncIterator[Kafka]:
    kafka = Kafka(kafka_url, source=service)
    yield kafka
    await kafka.close()


@pytest.fixture
def world(
    kafka_url: str, kafka: Kafka, database: AsyncDatabase[Document], happened: type[Any]
) -> World:
    """A service that consumes."""
    return World(kafka_url, kafka, database, happened)


@pytest.fixture
async def orders(database: AsyncDatabase[Document]) -> Orders:
    """Documents with an outbox, and its index."""
    orders = Orders(database["orders"])
    await ensure_indexes(database, [orders.outbox.index])
    return orders

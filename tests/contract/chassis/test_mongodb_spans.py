"""Spans of what MongoDB is asked: which, whose, and nothing of the values."""

from collections.abc import AsyncIterator

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from chassis.ids import new_id
from chassis.mongo.client import Document
from chassis.telemetry import traces
from chassis.telemetry.mongodb_spans import command_spans
from tests.support.spans import UNSAMPLED, Spans, attributes_of, parent_of, recorded

pytestmark = pytest.mark.anyio

SECRET = "ada@example.org"


@pytest.fixture
async def things(mongodb_url: str) -> AsyncIterator[tuple[AsyncCollection[Document], Spans]]:
    """A collection whose commands have spans, and these."""
    name = f"test-{new_id()}"
    with recorded() as spans:
        listeners = [command_spans(spans.provider)]
        client = AsyncMongoClient[Document](mongodb_url, event_listeners=listeners)
        try:
            yield client[name]["things"], spans
        finally:
            await client.drop_database(name)
            await client.close()


async def test_a_command_is_a_span_without_its_values(
    things: tuple[AsyncCollection[Document], Spans],
) -> None:
    collection, spans = things
    with traces.span("request", "server"):
        outside = traces.traceparent()
        await collection.insert_one({"_id": SECRET})
        await collection.find_one({"_id": SECRET})
    insert, find, _ = spans.ended()
    assert (insert.name, find.name) == ("insert things", "find things")
    assert parent_of(insert) == parent_of(find) == outside
    said = attributes_of(find)
    assert said["db.system.name"] == "mongodb"
    assert said["db.collection.name"] == "things"
    assert said["db.namespace"] == collection.database.name
    assert SECRET not in insert.to_json() + find.to_json()


async def test_a_command_that_fails_says_so_without_the_servers_words(
    things: tuple[AsyncCollection[Document], Spans],
) -> None:
    collection, spans = things
    await collection.insert_one({"_id": SECRET, "version": 1})
    query = {"_id": SECRET, "version": 2}
    with traces.span("request", "server"), pytest.raises(DuplicateKeyError, match=SECRET):
        await collection.find_one_and_update(query, {"$set": {"a": 1}}, upsert=True)
    failed = spans.ended()[0]
    assert failed.name == "findAndModify things"
    assert not failed.status.is_ok
    assert SECRET not in failed.to_json()


async def test_what_is_for_no_trace_or_for_one_that_is_not_exported_has_no_span(
    things: tuple[AsyncCollection[Document], Spans],
) -> None:
    collection, spans = things
    await collection.find_one({})
    with traces.span("request", "server", parent=UNSAMPLED):
        await collection.find_one({})
    assert spans.ended() == []

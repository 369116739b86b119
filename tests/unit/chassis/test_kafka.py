"""The connection of one process to Kafka."""

import asyncio
import threading
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from kafka.errors import KafkaConnectionError
from kafka.future import Future

from chassis.kafka.client import Kafka, Outcome, Record
from chassis.resilience.backoff import Backoff
from chassis.tasks import cancel

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("trouble", [KafkaConnectionError("away"), RuntimeError("a fault")])
async def test_trouble_does_not_end_the_waiting_for_topics(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    troubles = [trouble] * 3
    made: list[frozenset[str]] = []

    def make(topics: frozenset[str]) -> None:
        if troubles:
            raise troubles.pop()
        made.append(topics)

    client = Kafka("127.0.0.1:1", source="svc_things", backoff=Backoff(0.0, 0.0))
    monkeypatch.setattr(client, "_make_topics", make)
    await client.ensure_topics(["thing.happened"])
    assert made == [frozenset({"thing.happened"})]
    await client.close()


class BegunAtOnce:
    """A publisher that has begun with what it is given; `future` tells when Kafka has it."""

    def __init__(self) -> None:
        self.future = Future()
        self.finished_by: list[threading.Thread] = []
        self.left = 0

    # As KafkaPublisher.

    def begin(self, records: list[Record]) -> Any:
        producer = SimpleNamespace(leave=self._leave)
        return SimpleNamespace(futures=[self.future], producer=producer, is_taken=self.is_taken)

    def finish(self, sending: Any) -> list[Outcome]:
        self.finished_by.append(threading.current_thread())
        return [Outcome.ACKNOWLEDGED if self.is_taken else Outcome.HELD]

    def close(self) -> None:
        """Nothing is open."""

    is_taken = True

    def _leave(self) -> None:
        self.left += 1


@pytest.fixture
async def publishing() -> AsyncIterator[tuple[Kafka, BegunAtOnce]]:
    client, publisher = Kafka("127.0.0.1:1", source="svc_things"), BegunAtOnce()
    client._publisher = cast("Any", publisher)
    yield client, publisher
    await client.close()


RECORD = Record("thing.happened", "k", b"", ())


@pytest.mark.parametrize("is_taken", [True, False])
async def test_what_was_sent_at_once_needs_a_thread_only_where_it_was_not_taken(
    publishing: tuple[Kafka, BegunAtOnce], *, is_taken: bool
) -> None:
    client, publisher = publishing
    publisher.is_taken = is_taken
    task = asyncio.create_task(client.publish([RECORD]))
    await asyncio.sleep(0)
    assert not task.done()
    threading.Thread(target=publisher.future.success, args=(None,)).start()
    assert await task == [Outcome.ACKNOWLEDGED if is_taken else Outcome.HELD]
    (by,) = publisher.finished_by
    assert (by is threading.current_thread()) == is_taken


async def test_who_gives_up_leaves_the_producer(publishing: tuple[Kafka, BegunAtOnce]) -> None:
    client, publisher = publishing
    task = asyncio.create_task(client.publish([RECORD]))
    await asyncio.sleep(0)
    await cancel([task])
    assert publisher.left == 1

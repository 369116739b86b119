import pytest
from kafka.errors import KafkaConnectionError

from chassis.backoff import Backoff
from chassis.kafka import client as kafka
from chassis.kafka.client import Kafka

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("trouble", [KafkaConnectionError("away"), RuntimeError("a fault")])
async def test_trouble_does_not_end_the_waiting_for_topics(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    monkeypatch.setattr(kafka, "BACKOFF", Backoff(0.0, 0.0))
    troubles = [trouble] * 3
    made: list[frozenset[str]] = []

    def make(topics: frozenset[str]) -> None:
        if troubles:
            raise troubles.pop()
        made.append(topics)

    client = Kafka("127.0.0.1:1", source="svc_things")
    monkeypatch.setattr(client, "_make_topics", make)
    await client.ensure_topics(["thing.happened"])
    assert made == [frozenset({"thing.happened"})]
    await client.close()

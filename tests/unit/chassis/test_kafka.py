import pytest
from kafka.errors import KafkaConnectionError

from chassis.backoff import Backoff
from chassis.kafka.client import Kafka

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

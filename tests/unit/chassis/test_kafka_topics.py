"""Topics are made with what keeps acknowledged events safe, and looked for again when forgotten."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from kafka.errors import TopicAlreadyExistsError

from chassis.kafka.clients import KafkaClients
from chassis.kafka.topics import KafkaTopics


class Admin:
    """Makes every topic that is not there, and notes with what."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []
        self.there: set[str] = set()

    def create_topics(self, topics: dict[str, Any], *, raise_errors: bool) -> Any:
        assert not raise_errors
        codes = {}
        for name, wanted in topics.items():
            codes[name] = TopicAlreadyExistsError.errno if name in self.there else 0
            if not codes[name]:
                self.made.append({"name": name, **wanted})
        self.there |= set(topics)
        return {
            "topics": [
                {"name": name, "error_code": code, "error_message": ""}
                for name, code in codes.items()
            ]
        }

    def close(self) -> None:
        pass


def topics_of(admin: Admin, replication: int) -> KafkaTopics:
    return KafkaTopics(cast("KafkaClients", SimpleNamespace(admin=lambda: admin)), replication)


@pytest.mark.parametrize(("replication", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "4")])
def test_all_replicas_but_one_have_to_acknowledge(replication: int, in_sync: str) -> None:
    admin = Admin()
    assert topics_of(admin, replication).ensure({"order.created"}) == {}
    [made] = admin.made
    assert made["replication_factor"] == replication
    assert made["configs"] == {
        "min.insync.replicas": in_sync,
        "unclean.leader.election.enable": "false",
        "retention.ms": "-1",
    }


def test_a_topic_is_made_once_and_again_when_it_is_forgotten_and_gone() -> None:
    admin = Admin()
    topics = topics_of(admin, 1)
    for _ in range(2):
        topics.ensure({"order.created", "order.cancelled"})
    assert len(admin.made) == 2
    admin.there.clear()
    topics.forget({"order.created"})
    topics.ensure({"order.created", "order.cancelled"})
    assert [each["name"] for each in admin.made[2:]] == ["order.created"]

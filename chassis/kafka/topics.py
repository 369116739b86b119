"""The topics of events: made with what keeps acknowledged events safe, and checked where they are.

An event leaves its outbox once Kafka has acknowledged it, so from then on Kafka alone has it. That
is safe where an acknowledgement means more than one broker, and no broker that lacks events may
become a leader.
"""

import threading
from collections.abc import Collection, Mapping, Set
from typing import Any

import structlog
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    InvalidTopicError,
    KafkaError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    for_code,
)

from chassis.kafka.clients import KafkaClients

log = structlog.get_logger(__name__)

PARTITIONS = 3
# Services build their replicas from the events, so a new one has to find them all.
RETENTION = "-1"
# What a consumer that was stopped, or an operator, may need. A topic that others made may keep
# its events for so long only.
SHORTEST_RETENTION_MS = 7 * 24 * 60 * 60 * 1000
MIN_INSYNC, UNCLEAN, RETENTION_MS = (
    "min.insync.replicas",
    "unclean.leader.election.enable",
    "retention.ms",
)


class KafkaTopics:
    """The topics that this process has seen to. Any thread may call it; methods block.

    Args:
        clients: Of the Kafka.
        replication: How many brokers keep each topic that is made here.
    """

    def __init__(self, clients: KafkaClients, replication: int) -> None:
        self._clients = clients
        self._replication = replication
        self._min_insync = max(1, replication - 1)
        self._lock = threading.Lock()
        self._known: set[str] = set()

    def ensure(self, topics: Collection[str]) -> Mapping[str, KafkaError]:
        """Make those of `topics` that are not there, and check those that are.

        Returns:
            Why topics could not be made, by their names.

        Raises:
            KafkaError: Kafka is unreachable.
        """
        with self._lock:
            missing = sorted(set(topics) - self._known)
            if not missing:
                return {}
            admin = self._clients.admin()
            try:
                failures = self._make(admin, missing)
            finally:
                admin.close()
            self._known |= set(missing) - set(failures)
            return failures

    def are_known(self, topics: Set[str]) -> bool:
        """Whether all of them are known to be there; never blocks."""
        return topics <= self._known

    def forget(self, topics: Collection[str]) -> None:
        """Look again whether `topics` are there, since they took nothing: they may be deleted."""
        with self._lock:
            self._known -= set(topics)

    def _make(self, admin: KafkaAdminClient, topics: Collection[str]) -> dict[str, KafkaError]:
        configs = {
            MIN_INSYNC: str(self._min_insync),
            UNCLEAN: "false",
            RETENTION_MS: RETENTION,
        }
        wanted = {
            "num_partitions": PARTITIONS,
            "replication_factor": self._replication,
            "configs": configs,
        }
        answer = admin.create_topics(dict.fromkeys(topics, wanted), raise_errors=False)
        failures: dict[str, KafkaError] = {}
        there: list[str] = []
        for topic in answer["topics"]:
            name, error = topic["name"], for_code(topic["error_code"])
            if error is TopicAuthorizationFailedError:
                log.warning("topic may not be made by this service; is it there?", topic=name)
            elif error is TopicAlreadyExistsError:
                there.append(name)
            # A name that no topic may have is refused where it is published to.
            elif topic["error_code"] and error is not InvalidTopicError:
                failures[name] = error(topic.get("error_message") or name)
        if there:
            self._check(admin, there)
        return failures

    def _check(self, admin: KafkaAdminClient, topics: Collection[str]) -> None:
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
        try:
            found = admin.describe_configs(resources, config_filter="all")
            settings = found[ConfigResourceType.TOPIC.name.lower()]
            described = admin.describe_topics(list(topics))
        except (KafkaError, KeyError) as error:
            log.warning("settings of topics not checked", topics=list(topics), error=str(error))
            return
        for topic in topics:
            values = {name: str(each["value"]) for name, each in settings.get(topic, {}).items()}
            for name, advice in unsafe(values, self._min_insync).items():
                log.error(
                    "acknowledged events of this topic can be lost; change its setting",
                    topic=topic,
                    setting=f"{name}={values[name]}",
                    advice=f"kafka-configs.sh --alter --entity-type topics --entity-name {topic}"
                    f" --add-config {name}={advice}",
                )
        for topic in described:
            # One that another process is just making has no partitions yet.
            copies = min(
                (len(each["replica_nodes"]) for each in topic["partitions"]),
                default=self._replication,
            )
            if copies < self._replication:
                log.error(
                    "a topic has fewer replicas than KAFKA_REPLICATION; reassign its partitions",
                    topic=topic["name"],
                    replicas=copies,
                    wanted=self._replication,
                )


def unsafe(settings: Mapping[str, Any], min_insync: int) -> dict[str, str]:
    """Of a topic's `settings` those that may lose acknowledged events, with what they should be."""
    should: dict[str, str] = {}
    if int(settings.get(MIN_INSYNC, min_insync)) < min_insync:
        should[MIN_INSYNC] = str(min_insync)
    if settings.get(UNCLEAN, "false") != "false":
        should[UNCLEAN] = "false"
    if 0 <= int(settings.get(RETENTION_MS, RETENTION)) < SHORTEST_RETENTION_MS:
        should[RETENTION_MS] = RETENTION
    return should

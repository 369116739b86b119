"""Records on their way to Kafka: their order, their partitions, and what became of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import structlog
from kafka import KafkaProducer
from kafka.errors import InvalidTopicError, KafkaError, MessageSizeTooLargeError
from kafka.partitioner.default import murmur2

from chassis.kafka.clients import DELIVERY_MS, REQUEST_MS
from chassis.kafka.cloudevents import Header

log = structlog.get_logger(__name__)

REJECTIONS = (MessageSizeTooLargeError, InvalidTopicError, ValueError)
# RuntimeError is what a producer that was closed meanwhile ends in.
UNREACHABLE = (KafkaError, RuntimeError)


@dataclass(frozen=True)
class Record:
    """One message on its way to Kafka."""

    topic: str
    key: str
    value: bytes
    headers: Sequence[Header]


class Outcome(Enum):
    """What became of a record."""

    ACKNOWLEDGED = "every in-sync replica has it"
    HELD = "its topic or partition takes nothing now, or it would overtake one of its key"
    TIMED_OUT = "Kafka did not say in time that it has it"
    REJECTED = "Kafka will never take it"


def waves(records: Sequence[Record]) -> list[list[int]]:
    """The places of `records`, in waves: a key goes on to another topic in a later wave only."""
    waves: list[list[int]] = []
    last: dict[str, tuple[str, int]] = {}
    for index, record in enumerate(records):
        topic, wave = last.get(record.key, (record.topic, 0))
        wave += topic != record.topic
        last[record.key] = record.topic, wave
        if wave == len(waves):
            waves.append([])
        waves[wave].append(index)
    return waves


def place_of(producer: KafkaProducer, record: Record) -> tuple[str, int]:
    """The topic, and the partition of the record's key, chosen as Kafka's clients do."""
    partitions = sorted(producer.partitions_for(record.topic))
    hashed = murmur2(record.key.encode()) & 0x7FFFFFFF
    return record.topic, partitions[hashed % len(partitions)]


def knows(producer: KafkaProducer, topic: str) -> bool:
    """Whether the topic's partitions are known, so that sending to it waits for nothing."""
    return producer._metadata.partitions_for_topic(topic) is not None  # noqa: SLF001


def send(producer: KafkaProducer, record: Record) -> Any:
    """The future of the record's metadata.

    `REJECTIONS` and `UNREACHABLE` are raised, or are what the future ends in.
    """
    return producer.send(
        record.topic,
        value=record.value,
        key=record.key.encode(),
        headers=list(record.headers),
    )


def outcome_of(future: Any) -> Outcome:
    """What the future of a record's metadata ends in; waits for it."""
    try:
        future.get(timeout=(DELIVERY_MS + REQUEST_MS) / 1000)
    except REJECTIONS as error:
        log.warning("event refused by kafka", error=one_line(error))
        return Outcome.REJECTED
    except UNREACHABLE:
        return Outcome.TIMED_OUT
    return Outcome.ACKNOWLEDGED


def one_line(error: BaseException) -> str:
    """`error` for a log or a document: its type and its text, cut to 300 characters."""
    name, text = type(error).__name__, " ".join(str(error).split())
    # kafka-python's errors begin their text with their type.
    return f"{name}: {text.removeprefix(f'{name}: ')}"[:300]

"""Topics read by a person, as they grow: without a group, so that no consumer notices."""

from collections.abc import Collection, Iterator
from contextlib import closing
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from chassis.errors import Unavailable
from chassis.events import Event
from chassis.kafka.cloudevents import event_in, time_of
from chassis.kafka.follower import Readers
from chassis.kafka.records import one_line

_POLL_MS = 500


class Tailed(NamedTuple):
    """An event as it lies in Kafka, with its attributes."""

    event: Event
    value: bytes


def tail(
    kafka: Readers, topics: Collection[str], *, from_start: bool, follow: bool
) -> Iterator[Tailed]:
    """The events of `topics`; those of one partition in their order.

    Args:
        kafka: Where they are.
        topics: Their names; those that are not there are left out.
        from_start: Begin with the oldest event that is kept rather than with the next new one.
        follow: Go on with what comes; else end where the topics ended at first.

    Raises:
        Unavailable: Kafka is unreachable.
    """
    try:
        yield from _tail(kafka, topics, from_start=from_start, follow=follow)
    except KafkaError as error:
        raise Unavailable(one_line(error)) from error


def _tail(
    kafka: Readers, topics: Collection[str], *, from_start: bool, follow: bool
) -> Iterator[Tailed]:
    with closing(kafka.reader()) as consumer:
        partitions = [
            TopicPartition(topic, number)
            for topic in sorted(topics)
            for number in sorted(consumer.partitions_for_topic(topic) or ())
        ]
        consumer.assign(partitions)
        ends: dict[TopicPartition, int] = consumer.end_offsets(partitions)
        starts = consumer.beginning_offsets(partitions) if from_start else ends
        for partition in partitions:
            consumer.seek(partition, starts[partition])
        while follow or any(consumer.position(each) < end for each, end in ends.items()):
            yield from _polled(consumer)


def _polled(consumer: KafkaConsumer) -> Iterator[Tailed]:
    for records in consumer.poll(timeout_ms=_POLL_MS).values():
        for record in records:
            yield Tailed(event_in(record, time_of(record)), record.value or b"")

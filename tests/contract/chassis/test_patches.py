"""What the shop cures in kafka-python's consumer, on a real one."""

import asyncio
import time
from collections import defaultdict
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from chassis.kafka.client import Kafka
from tests.contract.chassis.consuming import World
from tests.contract.chassis.inbox import PATIENCE_SECONDS

pytestmark = pytest.mark.anyio

POLL_MS = 100
# Two that Kafka keeps in different partitions.
KEYS = ("a", "b")
RECORDS = 3


async def test_a_partition_paused_in_the_middle_of_its_records_goes_on(world: World) -> None:
    # So a poll returns some of a partition's records, and the others are put aside.
    kafka = Kafka(world.kafka_url, source=world.kafka.source, max_poll_records=RECORDS - 1)
    for key in KEYS:
        await world.publish(*(f"{key}{number}" for number in range(RECORDS)), key=key)
    consumer = await asyncio.to_thread(kafka.consumer, world.group)
    try:
        await asyncio.to_thread(pause_and_resume, consumer, world.topic)
    finally:
        await asyncio.to_thread(consumer.close)
        await kafka.close()


async def test_a_poll_waits_though_a_heartbeat_is_overdue(world: World) -> None:
    await world.kafka.ensure_topics([world.topic])
    consumer = await asyncio.to_thread(world.kafka.consumer, world.group)
    try:
        rounds = await asyncio.to_thread(poll_without_heartbeats, consumer, world.topic)
    finally:
        await asyncio.to_thread(consumer.close)
    # Thousands where it spins.
    assert rounds < 20


def poll_without_heartbeats(consumer: KafkaConsumer, topic: str) -> int:
    """How many rounds a poll takes that finds nothing, while a heartbeat is due all the time."""
    until = time.monotonic() + PATIENCE_SECONDS
    consumer.subscribe([topic])
    while not consumer.assignment():
        assert time.monotonic() < until
        consumer.poll(timeout_ms=POLL_MS)
    consumer._coordinator.time_to_next_heartbeat = lambda: 0.0
    rounds, poll_once = 0, consumer._poll_once

    def counted(*args: Any, **options: Any) -> Any:
        nonlocal rounds
        rounds += 1
        return poll_once(*args, **options)

    consumer._poll_once = counted
    consumer.poll(timeout_ms=5 * POLL_MS)
    return rounds


def pause_and_resume(consumer: KafkaConsumer, topic: str) -> None:
    """Pause the first partition that records come from until the other is read to its end."""
    read: defaultdict[TopicPartition, int] = defaultdict(int)

    def poll(enough: int) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while sum(read.values()) < enough:
            assert time.monotonic() < until, dict(read)
            for partition, records in consumer.poll(timeout_ms=POLL_MS).items():
                read[partition] += len(records)

    consumer.subscribe([topic])
    poll(1)
    [first] = read
    assert read[first] < RECORDS
    consumer.pause(first)
    poll(read[first] + RECORDS)
    consumer.resume(first)
    poll(len(KEYS) * RECORDS)
    assert set(read.values()) == {RECORDS}

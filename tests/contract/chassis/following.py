"""A process that follows topics, and what it hears."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from time import monotonic

from chassis.kafka.clients import KafkaClients
from chassis.kafka.follower import Published, TopicFeed
from chassis.tasks import cancel
from tests.contract.chassis.inbox import PATIENCE_SECONDS


class Heard:
    """What a follower is told.

    Attributes:
        begun: How often it began to follow.
        values: Of the events.
        known_until: Up to when it has heard all, as `time.monotonic` has it.
    """

    def __init__(self) -> None:
        self.begun = 0
        self.values: list[bytes] = []
        self.known_until = float("-inf")

    def begin(self) -> None:
        self.begun += 1

    def take(self, published: Sequence[Published]) -> None:
        self.values += [each.value for each in published]

    def is_current(self, at: float) -> None:
        self.known_until = at

    def is_wanted(self, within: float) -> bool:
        return True

    async def all(self) -> None:
        """Wait until all is heard that was published before this call."""
        now = monotonic()
        await self.until(lambda: self.known_until >= now)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not condition():
                await asyncio.sleep(0.005)


@asynccontextmanager
async def following(kafka_url: str, *topics: str) -> AsyncIterator[Heard]:
    """Follow topics until the block ends."""
    heard = Heard()
    task = asyncio.create_task(TopicFeed(KafkaClients(kafka_url, "test"), topics, heard).run())
    yield heard
    await cancel([task])
    # While Kafka is away, its thread may outlive it for some seconds.
    for thread in threading.enumerate():
        if thread.name == "follow-topics":
            await asyncio.to_thread(thread.join, PATIENCE_SECONDS)

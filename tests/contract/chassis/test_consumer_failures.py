"""Consumers on Kafka whose handlers fail, and that are stopped in between."""

import pytest
from kafka.partitioner.default import murmur2

from chassis.consumers.replays import DeadLetters, ReplayFailed
from chassis.events import Subscription
from chassis.kafka.client import PARTITIONS, Record
from tests.contract.chassis.consuming import NEVER_AGAIN, World
from tests.contract.chassis.inbox import Inbox

pytestmark = pytest.mark.anyio


async def test_an_event_that_failed_is_delivered_again_before_those_after_it(world: World) -> None:
    inbox = Inbox(fails=lambda text, times: text == "a" and times < 3)
    async with world.consuming(inbox):
        await world.publish("a", "b")
        await inbox.until(lambda: inbox.handled == ["a", "b"])
    assert inbox.attempts == ["a", "a", "a", "b"]
    assert await world.store.count() == 0


async def test_after_the_last_attempt_it_is_a_dead_letter_and_the_next_is_handled(
    world: World,
) -> None:
    inbox = Inbox(fails=lambda text, _: text == "a")
    async with world.consuming(inbox):
        await world.publish("a", "b")
        await inbox.until(lambda: inbox.handled == ["b"])
    assert inbox.attempts == ["a", "a", "a", "b"]
    [letter] = (await world.store.page(10, None)).letters
    assert (letter.group, letter.topic) == (world.group, world.topic)
    assert (letter.event_id, letter.key, letter.offset, letter.attempts) == ("a", "k", 0, 3)
    assert letter.error == "ValueError: a fails"
    assert letter.event.source == "svc_things"
    assert await world.committed() == 2


async def test_a_dead_letter_is_replayed_once_its_cause_is_mended(world: World) -> None:
    inbox = Inbox(fails=lambda text, _: text == "a")
    async with world.consuming(inbox):
        await world.publish("a")
        await world.until_dead_letters(1)
    table = [Subscription(world.happened, inbox)]
    letters = DeadLetters(world.store, world.kafka.source, table)
    [letter] = (await letters.list(10)).letters
    with pytest.raises(ReplayFailed, match="ValueError: a fails"):
        await letters.replay(letter.id)
    inbox.fails = lambda _text, _times: False
    await letters.replay(letter.id)
    assert inbox.handled == ["a"]
    assert inbox.events[0].id == "a"
    assert await letters.count() == 0


async def test_what_can_not_be_decoded_is_a_dead_letter_and_the_next_is_handled(
    world: World,
) -> None:
    inbox = Inbox()
    async with world.consuming(inbox):
        await world.send([Record(world.topic, "k", b"\xff\xff", [])])
        await world.publish("b")
        await inbox.until(lambda: inbox.handled == ["b"])
    assert inbox.attempts == ["b"]
    [letter] = (await world.store.page(10, None)).letters
    assert (letter.value, letter.attempts) == (b"\xff\xff", 1)


async def test_stopping_during_a_backoff_ends_at_once_and_the_event_comes_again(
    world: World,
) -> None:
    first = Inbox(fails=lambda text, _: text == "b")
    async with world.consuming(first, NEVER_AGAIN):
        await world.publish("a", "b", "c")
        await first.until(lambda: first.attempts == ["a", "b"])
    assert await world.committed() == 1
    second = Inbox()
    async with world.consuming(second):
        await second.until(lambda: second.handled == ["b", "c"])
    assert await world.store.count() == 0


async def test_offsets_are_committed_only_after_the_effect(world: World) -> None:
    inbox = Inbox()
    inbox.hold.clear()
    async with world.consuming(inbox):
        await world.publish("a")
        await inbox.until(lambda: inbox.attempts == ["a"])
        assert await world.committed() == 0
        inbox.hold.set()
        await inbox.until(lambda: inbox.handled == ["a"])
    assert await world.committed() == 1


async def test_an_event_whose_handler_was_cut_off_comes_again(world: World) -> None:
    first = Inbox()
    first.hold.clear()
    async with world.consuming(first):
        await world.publish("a")
        await first.until(lambda: first.attempts == ["a"])
    assert first.handled == []
    second = Inbox()
    async with world.consuming(second):
        await second.until(lambda: second.handled == ["a"])


async def test_a_partition_that_is_held_up_holds_no_other_up(world: World) -> None:
    keys = {f"k{number}" for number in range(20)}
    inbox = Inbox(fails=lambda text, _: text == "held up")
    async with world.consuming(inbox, NEVER_AGAIN):
        await world.publish("held up", key="k0")
        await inbox.until(lambda: inbox.attempts == ["held up"])
        for key in sorted(keys):
            await world.publish(f"after {key}", key=key)
        others = {f"after {key}" for key in keys if partition(key) != partition("k0")}
        assert others
        await inbox.until(lambda: set(inbox.handled) == others)
        for key in sorted(keys):
            await world.publish(f"again {key}", key=key)
        await inbox.until(lambda: len(inbox.handled) == 2 * len(others))


def partition(key: str) -> int:
    """Where Kafka's default partitioner puts `key`."""
    return (int(murmur2(key.encode())) & 0x7FFFFFFF) % PARTITIONS

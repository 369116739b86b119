"""One contract for the store in MongoDB and for its fake."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import utcnow
from chassis.consumers.dead_letters import (
    MOST_FAILURES,
    DeadLetter,
    DeadLetterStore,
    FailedAttempt,
    Filter,
    MongoDeadLetters,
    Page,
)
from chassis.mongo.client import Document
from tests.unit.chassis.dead_letters_in_memory import DeadLettersInMemory

pytestmark = pytest.mark.anyio

LETTER = DeadLetter(
    id="",
    group="notify-order-created",
    topic="order.created",
    event_id="e1",
    key="o1",
    value=b"\x00\xff",
    headers=(("ce_id", b"e1"), ("$odd.name", b"\xff"), ("ce_id", b"twice")),
    error="ValueError: no",
    attempts=8,
    failed_at=utcnow(),
    partition=1,
    offset=2**40,
    history=(FailedAttempt(utcnow(), "ValueError: no"),),
)


@pytest.fixture(params=["fake", "mongodb"])
def store(request: pytest.FixtureRequest, database: AsyncDatabase[Document]) -> DeadLetterStore:
    return DeadLettersInMemory() if request.param == "fake" else MongoDeadLetters(database)


def letters(number: int) -> list[DeadLetter]:
    """Letters that failed one after the other, the last two at the same time."""
    times = [LETTER.failed_at + timedelta(milliseconds=min(at, number - 2)) for at in range(number)]
    return [replace(LETTER, event_id=f"e{at}", failed_at=time) for at, time in enumerate(times)]


async def only(store: DeadLetterStore) -> DeadLetter:
    [letter] = (await store.page(10, None)).letters
    return letter


async def test_a_letter_comes_back_whole_with_an_id(store: DeadLetterStore) -> None:
    await store.keep(LETTER)
    kept = await only(store)
    assert kept.id
    assert kept == replace(LETTER, id=kept.id)
    assert await store.get(kept.id) == kept


async def test_the_same_event_failing_again_is_the_same_letter(store: DeadLetterStore) -> None:
    await store.keep(LETTER)
    first = await only(store)
    await store.keep(replace(LETTER, error="KeyError: other", attempts=9))
    assert await only(store) == replace(first, error="KeyError: other", attempts=9)


async def test_another_group_has_a_letter_of_its_own(store: DeadLetterStore) -> None:
    await store.keep(LETTER)
    await store.keep(replace(LETTER, group="payments-order-created"))
    assert await store.count() == 2


async def test_pages_are_oldest_first_and_follow_each_other(store: DeadLetterStore) -> None:
    kept = letters(5)
    for letter in reversed(kept):
        await store.keep(letter)
    pages: list[Page] = [await store.page(2, None)]
    while (position := pages[-1].next) is not None:
        pages.append(await store.page(2, position))
    assert [len(page.letters) for page in pages] == [2, 2, 1]
    found = [letter for page in pages for letter in page.letters]
    assert [letter.failed_at for letter in found] == [letter.failed_at for letter in kept]
    assert {letter.event_id for letter in found} == {letter.event_id for letter in kept}


async def test_the_last_page_says_so(store: DeadLetterStore) -> None:
    for letter in letters(4):
        await store.keep(letter)
    assert (await store.page(4, None)).next is None
    assert (await store.page(3, None)).next is not None


async def test_no_letters_are_an_empty_page(store: DeadLetterStore) -> None:
    assert await store.page(10, None) == Page([], None)
    assert await store.count() == 0


async def test_a_removed_letter_is_gone(store: DeadLetterStore) -> None:
    await store.keep(LETTER)
    letter = await only(store)
    assert await store.remove(letter.id)
    assert not await store.remove(letter.id)
    assert await store.get(letter.id) is None
    assert await store.count() == 0


async def test_letters_that_are_due_are_found_longest_due_first(store: DeadLetterStore) -> None:
    now = LETTER.failed_at
    for event_id, seconds in (("late", 2), ("later", 1), ("soon", -1)):
        at = now - timedelta(seconds=seconds)
        await store.keep(replace(LETTER, event_id=event_id, replay_at=at))
    await store.keep(replace(LETTER, event_id="never"))
    assert [each.event_id for each in await store.due(now, 10)] == ["late", "later"]
    assert [each.event_id for each in await store.due(now, 1)] == ["late"]


async def test_a_letter_that_failed_again_is_due_when_it_is_said_or_never(
    store: DeadLetterStore,
) -> None:
    await store.keep(replace(LETTER, replay_at=LETTER.failed_at))
    kept = await only(store)
    later = LETTER.failed_at + timedelta(seconds=30)
    gone = FailedAttempt(LETTER.failed_at, "AutoReconnect: gone")
    await store.failed_again(kept.id, gone, later)
    history = (*LETTER.history, gone)
    again = replace(kept, error=gone.error, attempts=9, replay_at=later, history=history)
    assert await only(store) == again
    no = FailedAttempt(later, "ValueError: no")
    await store.failed_again(kept.id, no, None)
    history = (*history, no)
    never = replace(again, error=no.error, attempts=10, replay_at=None, history=history)
    assert await only(store) == never
    assert await store.due(later, 10) == []


async def test_of_many_failures_the_last_ones_are_kept(store: DeadLetterStore) -> None:
    await store.keep(LETTER)
    letter_id = (await only(store)).id
    failures = [
        FailedAttempt(LETTER.failed_at, f"ValueError: {number}")
        for number in range(MOST_FAILURES + 1)
    ]
    for each in failures:
        await store.failed_again(letter_id, each, None)
    assert list((await only(store)).history) == failures[1:]


async def test_a_letter_of_an_earlier_release_has_no_history(
    database: AsyncDatabase[Document],
) -> None:
    store = MongoDeadLetters(database)
    await store.keep(LETTER)
    await database["dead_letters"].update_many({}, {"$unset": {"history": ""}})
    assert (await only(store)).history == ()


async def kept_for_filters(store: DeadLetterStore) -> list[DeadLetter]:
    """Five letters of two groups, oldest first."""
    for number, letter in enumerate(letters(5)):
        group = LETTER.group if number % 2 else "payments-order-created"
        await store.keep(replace(letter, group=group))
    return (await store.page(10, None)).letters


async def test_letters_are_found_by_group_and_time(store: DeadLetterStore) -> None:
    kept = await kept_for_filters(store)
    since, until = kept[1].failed_at, kept[2].failed_at
    for where in (
        Filter(group=LETTER.group),
        Filter(since=since),
        Filter(until=until),
        Filter(LETTER.group, since, until),
        Filter(group=""),
    ):
        wanted = [
            each
            for each in kept
            if (where.group is None or each.group == where.group)
            and (where.since is None or each.failed_at >= since)
            and (where.until is None or each.failed_at < until)
        ]
        found: list[DeadLetter] = []
        position = None
        while len(found) < len(wanted):
            page = await store.page(1, position, where)
            found += page.letters
            position = page.next
        assert (found, position) == (wanted, None)
        assert await store.count(where) == len(wanted)


async def test_some_letters_are_found_and_removed_by_their_ids(store: DeadLetterStore) -> None:
    kept = await kept_for_filters(store)
    some = [kept[2].id, "ghost", kept[1].id]
    assert await store.some(some) == [kept[1], kept[2]]
    assert await store.remove_some(some) == 2
    assert (await store.page(10, None)).letters == [kept[0], kept[3], kept[4]]


async def test_all_letters_that_fit_are_removed(store: DeadLetterStore) -> None:
    kept = await kept_for_filters(store)
    others = [each for each in kept if each.group != LETTER.group]
    assert await store.remove_all(Filter(group=LETTER.group)) == 2
    assert (await store.page(10, None)).letters == others
    assert await store.remove_all(Filter(since=others[1].failed_at)) == 2
    assert (await store.page(10, None)).letters == others[:1]


async def test_a_letter_that_was_dropped_meanwhile_stays_dropped(store: DeadLetterStore) -> None:
    await store.failed_again("dropped", LETTER.history[0], None)
    assert await store.count() == 0


async def test_a_store_that_takes_writes_says_so_to_many_at_once(store: DeadLetterStore) -> None:
    await asyncio.gather(*(store.check() for _ in range(20)))
    assert await store.count() == 0


async def test_letters_are_counted_by_group(store: DeadLetterStore) -> None:
    groups = [LETTER.group, "cart-order-completed", "orders-payment-created"]
    for letter in letters(2):
        await store.keep(letter)
        await store.keep(replace(letter, group="another"))
    await store.keep(replace(LETTER, group=groups[1]))
    assert await store.count_by_group(groups) == {groups[0]: 2, groups[1]: 1}

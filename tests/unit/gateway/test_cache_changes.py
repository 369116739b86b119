"""What ends by the shop's events: copies, and those that were being made meanwhile."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from shop.catalog.v1 import catalog_pb2, events_pb2

from chassis.kafka.follower import Published
from gateway.cache.changes import Changes
from gateway.cache.entry import RawResponse
from gateway.cache.rules import purges_of_events
from gateway.cache.store import BLIND_SECONDS, SETTLING_SECONDS, Entries, Fill
from tests.support.clock import FakeSeconds
from tests.unit.gateway.test_cache_entries import BIG, JSON, filled, kept, key

LONG = 10.0


@pytest.fixture
def entries(clock: FakeSeconds) -> Entries:
    return Entries(20 * BIG)


@pytest.fixture
def changes(entries: Entries) -> Changes:
    return Changes(entries, purges_of_events())


def updated(product_id: str) -> Published:
    message = events_pb2.ProductUpdated(product=catalog_pb2.Product(id=product_id))
    return Published("product.updated", message.SerializeToString())


def keep_all(entries: Entries, began: float = 0.0) -> None:
    filled(entries, "a", "products", seconds=LONG, began=began)
    filled(entries, "b", "product/p1", seconds=LONG, began=began)
    filled(entries, "c", "product/p2", seconds=LONG, began=began)
    filled(entries, "d", seconds=LONG, began=began)


def test_an_event_ends_what_it_tells_of(entries: Entries, changes: Changes) -> None:
    keep_all(entries)
    changes.take([updated("p1")])
    assert kept(entries) == {"c", "d"}


def test_what_was_being_made_when_an_event_came_is_not_kept(
    entries: Entries, changes: Changes
) -> None:
    fill = Fill(0.0, for_guests=False)
    entries.begin(fill)
    fill.depend_on({"product/p1"}, LONG)
    changes.take([updated("p1")])
    entries.add(key("b"), fill.entry(RawResponse(200, [JSON], b"x")))
    assert kept(entries) == set()


def test_where_events_may_be_missing_nothing_that_changes_is_kept(
    entries: Entries, changes: Changes
) -> None:
    keep_all(entries)
    changes.begin()
    assert kept(entries) == {"d"}


def test_an_event_that_cannot_be_read_ends_all(entries: Entries, changes: Changes) -> None:
    keep_all(entries)
    changes.take([Published("product.updated", b"\xff")])
    assert kept(entries) == {"d"}


def test_copies_live_on_while_all_is_heard(entries: Entries, changes: Changes) -> None:
    keep_all(entries)
    assert kept(entries, 5.0) == {"d"}
    changes.is_current(4.5)
    assert kept(entries, 5.0) == {"a", "b", "c", "d"}
    assert kept(entries, 4.5 + BLIND_SECONDS + 0.01) == {"d"}
    changes.is_current(4.0)  # a proof that came late takes nothing back
    assert kept(entries, 5.4) == {"a", "b", "c", "d"}
    changes.is_current(LONG)
    assert kept(entries, LONG) == set()


@pytest.mark.parametrize("is_all", [True, False])
def test_what_is_made_right_after_a_change_lives_shortly(
    entries: Entries, changes: Changes, clock: FakeSeconds, is_all: bool
) -> None:
    if is_all:
        changes.begin()
    else:
        changes.take([updated("p1")])
    changes.is_current(clock.now + LONG)
    early, late = clock.now + SETTLING_SECONDS / 2, clock.now + SETTLING_SECONDS
    keep_all(entries, early)
    settled = {"d"} if is_all else {"c", "d"}
    assert kept(entries, early + SETTLING_SECONDS - 0.01) == {"a", "b", "c", "d"}
    assert kept(entries, early + SETTLING_SECONDS) == settled
    keep_all(entries, late)
    assert kept(entries, late + LONG - 0.01) == {"a", "b", "c", "d"}


def test_events_are_wanted_while_copies_are_asked_for(
    entries: Entries, changes: Changes, clock: FakeSeconds
) -> None:
    assert not changes.is_wanted(0)
    filled(entries, "a", "products", seconds=10 * LONG, began=clock.now)
    assert changes.is_wanted(0)
    clock.now += LONG
    assert not changes.is_wanted(0)
    assert kept(entries, clock.now) == set()  # blind, but asked for
    assert changes.is_wanted(0)


def test_who_waits_for_copies_to_be_asked_for_is_woken(entries: Entries, changes: Changes) -> None:
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(changes.is_wanted, 20.0)
        filled(entries, "a", "products", seconds=LONG)
        assert answer.result()

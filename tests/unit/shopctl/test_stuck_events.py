"""Commands about events that wait too long: what they ask, and what they print."""

import pytest
from shop.ops.v1 import outbox_pb2

from tests.unit.shopctl.conftest import Run, Shop

STUCK = outbox_pb2.StuckEvent(
    id="s1", service="orders", collection="orders", topic="order.created", key="o1", attempts=4
)

pytestmark = pytest.mark.usefixtures("profile")


def answer_list(shop: Shop) -> None:
    answer = outbox_pb2.ListStuckEventsResponse(stuck_events=[STUCK])
    shop.answer("ListStuckEvents", answer, "svc_orders")


def test_stuck_events_are_listed(shop: Shop, run: Run) -> None:
    running = run("outbox", "stuck", "--service", "orders")
    answer_list(shop)
    _, row, count = running.end().out.splitlines()
    assert row.split() == ["s1", "orders", "orders", "order.created", "o1", "4"]
    assert count == "1 stuck events"


def test_stuck_events_are_listed_for_scripts(shop: Shop, run: Run) -> None:
    running = run("outbox", "stuck", "--service", "orders", "-o", "json")
    answer_list(shop)
    assert running.end().json["stuckEvents"][0]["attempts"] == 4


def test_a_stuck_event_is_published(shop: Shop, run: Run) -> None:
    running = run("outbox", "publish-stuck", "s1", "--service", "orders", "-o", "json")
    answer_list(shop)
    published = outbox_pb2.PublishStuckEventResponse()
    assert shop.answer("PublishStuckEvent", published, "svc_orders").stuck_event_id == "s1"
    assert running.end().json["outcomes"][0]["outcome"] == "published"


def test_a_stuck_event_is_dropped(shop: Shop, run: Run) -> None:
    running = run("outbox", "drop-stuck", "s1", "--service", "orders", "--yes")
    answer_list(shop)
    dropped = outbox_pb2.DropStuckEventResponse()
    assert shop.answer("DropStuckEvent", dropped, "svc_orders").stuck_event_id == "s1"
    assert "1 dropped, 0 refused" in running.end().out


def test_a_stuck_event_that_there_is_not_is_named(shop: Shop, run: Run) -> None:
    running = run("outbox", "drop-stuck", "s9", "--service", "orders", "--yes")
    answer_list(shop)
    ended = running.end()
    assert ended.code == 1
    assert "s9" in ended.err

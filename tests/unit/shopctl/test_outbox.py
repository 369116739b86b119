"""Commands about rejected events and log levels, over all services."""

import grpc
import pytest
from shop.ops.v1 import logs_pb2, outbox_pb2

from shopctl.profile import SERVICES
from tests.unit.shopctl.conftest import Run, Shop

EVENT = outbox_pb2.RejectedEvent(id="e1", topic="order.created", key="o1", size_bytes=2_000_000)

pytestmark = pytest.mark.usefixtures("profile")


def answer_lists(shop: Shop, **found: list[outbox_pb2.RejectedEvent]) -> None:
    """Each service says which events it has; svc_auth has no events."""
    for service in SERVICES:
        if service == "svc_auth":
            shop.refuse("ListRejectedEvents", grpc.StatusCode.UNIMPLEMENTED, service=service)
        else:
            answer = outbox_pb2.ListRejectedEventsResponse(rejected_events=found.get(service, []))
            shop.answer("ListRejectedEvents", answer, service)


def test_rejected_events_of_all_services_are_listed(shop: Shop, run: Run) -> None:
    running = run("outbox", "rejected")
    answer_lists(shop, svc_orders=[EVENT])
    _, row, count = running.end().out.splitlines()
    assert row.split()[:5] == ["e1", "orders", "order.created", "o1", "2,000,000"]
    assert count == "1 of 1 rejected events"


def test_rejected_events_are_listed_for_scripts(shop: Shop, run: Run) -> None:
    running = run("outbox", "rejected", "--service", "orders", "-o", "json")
    answer = outbox_pb2.ListRejectedEventsResponse(rejected_events=[EVENT])
    shop.answer("ListRejectedEvents", answer, "svc_orders")
    [found] = running.end().json["rejectedEvents"]
    assert (found["service"], found["sizeBytes"]) == ("orders", 2_000_000)


def test_an_event_is_published_by_the_service_that_has_it(shop: Shop, run: Run) -> None:
    running = run("outbox", "publish", "e1", "-o", "json")
    answer_lists(shop, svc_orders=[EVENT])
    published = outbox_pb2.PublishRejectedEventResponse()
    assert shop.answer("PublishRejectedEvent", published, "svc_orders").event_id == "e1"
    assert running.end().json["outcomes"] == [
        {"id": "e1", "service": "orders", "outcome": "published"}
    ]


def test_all_events_of_a_service_are_dropped(shop: Shop, run: Run) -> None:
    running = run("outbox", "drop", "--all", "--service", "orders", "--yes")
    answer = outbox_pb2.ListRejectedEventsResponse(rejected_events=[EVENT])
    shop.answer("ListRejectedEvents", answer, "svc_orders")
    dropped = outbox_pb2.DropRejectedEventResponse()
    assert shop.answer("DropRejectedEvent", dropped, "svc_orders").event_id == "e1"
    assert "1 dropped, 0 refused" in running.end().out


def test_an_event_that_there_is_not_is_named(shop: Shop, run: Run) -> None:
    running = run("outbox", "publish", "e9", "--service", "orders")
    shop.answer("ListRejectedEvents", outbox_pb2.ListRejectedEventsResponse(), "svc_orders")
    ended = running.end()
    assert ended.code == 1
    assert "e9" in ended.err


def test_levels_of_each_process_are_shown(shop: Shop, run: Run) -> None:
    running = run("log-level", "show", "--service", "cart")
    changed = logs_pb2.LoggerLevel(logger="chassis.rpc", level=logs_pb2.LOG_LEVEL_DEBUG)
    levels = logs_pb2.LogLevels(
        service="svc_cart",
        host="pod-1",
        configured=logs_pb2.LOG_LEVEL_INFO,
        level=logs_pb2.LOG_LEVEL_WARN,
        changed=[changed],
    )
    shop.answer("GetLogLevel", logs_pb2.GetLogLevelResponse(levels=levels), "svc_cart")
    _, row = running.end().out.splitlines()
    assert row.split() == ["cart", "pod-1", "warn", "info", "chassis.rpc:", "debug"]


@pytest.mark.parametrize(
    ("level", "number"),
    [("debug", logs_pb2.LOG_LEVEL_DEBUG), ("configured", logs_pb2.LOG_LEVEL_UNSPECIFIED)],
)
def test_a_level_is_set_for_a_while(shop: Shop, run: Run, level: str, number: int) -> None:
    running = run(
        *("log-level", "set", level, "--service", "cart", "-o", "json"),
        *("--logger", "chassis.rpc", "--for", "60"),
    )
    levels = logs_pb2.LogLevels(service="svc_cart", level=logs_pb2.LOG_LEVEL_DEBUG)
    answer = logs_pb2.SetLogLevelResponse(levels=levels)
    request = shop.answer("SetLogLevel", answer, "svc_cart")
    assert (request.level, request.logger, request.duration_seconds) == (number, "chassis.rpc", 60)
    assert running.end().json["processes"][0]["level"] == "debug"

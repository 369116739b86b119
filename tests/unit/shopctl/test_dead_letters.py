"""Commands about dead letters, over all services: what they ask, and what they print."""

import json

import grpc
import pytest
from shop.ops.v1 import ops_pb2

from shopctl.profile import SERVICES
from tests.unit.shopctl.conftest import Run, Shop

LETTER = ops_pb2.DeadLetter(
    id="d1",
    group="cart-product-created",
    topic="product.created",
    event_json='{"id": "p1"}',
    error="KeyError: 'price'",
    attempts=8,
)
OTHER = ops_pb2.DeadLetter(id="d2", group="cart-product-deleted")

pytestmark = pytest.mark.usefixtures("profile")


def answer_lists(shop: Shop, **found: list[ops_pb2.DeadLetter]) -> None:
    """Each service says which letters it has; svc_auth takes no events."""
    for service in SERVICES:
        if service == "svc_auth":
            shop.refuse("ListDeadLetters", grpc.StatusCode.UNIMPLEMENTED, service=service)
        else:
            letters = found.get(service, [])
            answer = ops_pb2.ListDeadLettersResponse(dead_letters=letters, total_size=len(letters))
            shop.answer("ListDeadLetters", answer, service)


def test_letters_of_all_services_are_listed(shop: Shop, run: Run) -> None:
    running = run("dead-letters", "list")
    answer_lists(shop, svc_cart=[LETTER], svc_orders=[OTHER])
    _, first, second, count = running.end().out.splitlines()
    assert first.split()[:3] == ["d1", "cart", "cart-product-created"]
    assert second.split()[:2] == ["d2", "orders"]
    assert count == "2 of 2 dead letters"


def test_letters_of_one_service_and_group_are_listed(shop: Shop, run: Run) -> None:
    running = run(
        *("dead-letters", "list", "--service", "cart", "-o", "json"),
        *("--group", "cart-product-created"),
    )
    answer = ops_pb2.ListDeadLettersResponse(dead_letters=[LETTER], total_size=1)
    request = shop.answer("ListDeadLetters", answer, "svc_cart")
    assert request.group == "cart-product-created"
    found = running.end().json
    assert found["totalSize"] == 1
    assert found["deadLetters"][0]["service"] == "cart"
    assert found["deadLetters"][0]["attempts"] == 8


def test_a_letter_is_shown_with_its_event(shop: Shop, run: Run) -> None:
    running = run("dead-letters", "show", "d1", "--service", "cart")
    answer = ops_pb2.ListDeadLettersResponse(dead_letters=[LETTER], total_size=1)
    shop.answer("ListDeadLetters", answer, "svc_cart")
    shown = ops_pb2.DeadLetter()
    shown.CopyFrom(LETTER)
    shown.history.add(error="TimeoutError: late")
    request = shop.answer(
        "GetDeadLetter", ops_pb2.GetDeadLetterResponse(dead_letter=shown), "svc_cart"
    )
    assert request.dead_letter_id == "d1"
    out = running.end().out
    assert "TimeoutError: late" in out
    assert "KeyError: 'price'" in out
    assert '"id": "p1"' in out


def test_a_letter_is_replayed_by_the_service_that_has_it(shop: Shop, run: Run) -> None:
    running = run("dead-letters", "replay", "d1", "-o", "json")
    answer_lists(shop, svc_cart=[LETTER])
    request = shop.answer("ReplayDeadLetter", ops_pb2.ReplayDeadLetterResponse(), "svc_cart")
    assert request.dead_letter_id == "d1"
    assert running.end().json["outcomes"][0]["outcome"] == "replayed"


def test_a_letter_that_fails_again_keeps_no_other_back(shop: Shop, run: Run) -> None:
    running = run("dead-letters", "replay", "--all", "--service", "cart", "-o", "json")
    answer = ops_pb2.ListDeadLettersResponse(dead_letters=[LETTER, OTHER], total_size=2)
    shop.answer("ListDeadLetters", answer, "svc_cart")
    shop.refuse(
        *("ReplayDeadLetter", grpc.StatusCode.FAILED_PRECONDITION, "REPLAY_FAILED", "It failed."),
        service="svc_cart",
    )
    shop.answer("ReplayDeadLetter", ops_pb2.ReplayDeadLetterResponse(), "svc_cart")
    ended = running.end()
    assert ended.code == 1
    outcomes = [each["outcome"] for each in json.loads(ended.out)["outcomes"]]
    assert outcomes == ["It failed (REPLAY_FAILED)", "replayed"]


def test_a_letter_is_dropped(shop: Shop, run: Run) -> None:
    running = run("dead-letters", "drop", "d1", "--service", "cart", "--yes")
    answer = ops_pb2.ListDeadLettersResponse(dead_letters=[LETTER], total_size=1)
    shop.answer("ListDeadLetters", answer, "svc_cart")
    request = shop.answer("DropDeadLetter", ops_pb2.DropDeadLetterResponse(), "svc_cart")
    assert request.dead_letter_id == "d1"
    assert running.end().code == 0


def test_a_letter_that_there_is_not_is_named(shop: Shop, run: Run) -> None:
    running = run("dead-letters", "replay", "d9", "--service", "cart")
    shop.answer("ListDeadLetters", ops_pb2.ListDeadLettersResponse(), "svc_cart")
    ended = running.end()
    assert ended.code == 1
    assert "d9" in ended.err


@pytest.mark.parametrize("arguments", [(), ("d1", "--all")])
def test_letters_are_named_or_all_are_meant(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("dead-letters", "replay", *arguments).end().code == 2


def test_a_service_that_there_is_not_is_named(run: Run) -> None:
    ended = run("dead-letters", "list", "--service", "chart").end()
    assert ended.code == 2
    assert "'chart'" in ended.err

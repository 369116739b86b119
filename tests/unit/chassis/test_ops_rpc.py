from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from shop.ops.v1 import ops_pb2
from shop.orders.v1 import events_pb2

from chassis.clock import utcnow
from chassis.consumers.dead_letters import DeadLetter, FailedAttempt
from chassis.consumers.dead_letters_rpc import OpsRpc
from chassis.consumers.replays import DeadLetters
from chassis.errors import InvalidField
from chassis.events import Event, Subscription
from chassis.rpc.paging import encode_page_token, scope_of
from tests.unit.chassis.dead_letters_in_memory import DeadLettersInMemory

pytestmark = pytest.mark.anyio

MESSAGE = events_pb2.OrderCancelled(detail="too late")


async def ignore(_: events_pb2.OrderCancelled, __: Event) -> None:
    return


@pytest.fixture
async def rpc() -> OpsRpc:
    """Of a service with three dead letters, e1 to e3, of which the last cannot be read."""
    store = DeadLettersInMemory()
    first = utcnow()
    for number in (1, 2, 3):
        await store.keep(
            DeadLetter(
                id="",
                group="notify-order-cancelled",
                topic="order.cancelled",
                event_id=f"e{number}",
                key="o1",
                value=b"\xff" if number == 3 else MESSAGE.SerializeToString(),
                headers=(),
                error="ValueError: no",
                attempts=8,
                failed_at=first + timedelta(milliseconds=number),
                partition=0,
                offset=number,
                history=(FailedAttempt(first, "ValueError: no"),),
                replay_at=first + timedelta(seconds=30) if number == 2 else None,
            )
        )
    subscriptions = [Subscription(events_pb2.OrderCancelled, ignore)]
    return OpsRpc(DeadLetters(store, "svc_notify", subscriptions), "svc_notify")


async def listed(rpc: OpsRpc, token: str = "") -> ops_pb2.ListDeadLettersResponse:
    request = ops_pb2.ListDeadLettersRequest(page_size=2, page_token=token)
    return await rpc.ListDeadLetters(request, None)


async def test_letters_are_listed_page_by_page(rpc: OpsRpc) -> None:
    first = await listed(rpc)
    rest = await listed(rpc, first.next_page_token)
    letters = [*first.dead_letters, *rest.dead_letters]
    assert [letter.event_id for letter in letters] == ["e1", "e2", "e3"]
    assert [letter.HasField("replay_at") for letter in letters] == [False, True, False]
    assert (first.total_size, rest.total_size, rest.next_page_token) == (3, 3, "")
    assert '"detail": "too late"' in letters[0].event_json
    assert letters[2].event_json == "It cannot be read."


async def test_a_forged_time_is_refused(rpc: OpsRpc) -> None:
    scope = scope_of(ops_pb2.ListDeadLettersRequest())
    with pytest.raises(InvalidField, match="is not one that this list gave out"):
        await listed(rpc, encode_page_token(scope, (2**62, "id")))


async def test_a_letter_that_is_replayed_or_dropped_is_gone(rpc: OpsRpc) -> None:
    first, second = (await listed(rpc)).dead_letters
    await rpc.ReplayDeadLetter(ops_pb2.ReplayDeadLetterRequest(dead_letter_id=first.id), None)
    await rpc.DropDeadLetter(ops_pb2.DropDeadLetterRequest(dead_letter_id=second.id), None)
    assert [letter.event_id for letter in (await listed(rpc)).dead_letters] == ["e3"]


async def test_a_letter_is_shown_with_its_failures(rpc: OpsRpc) -> None:
    [first, _] = (await listed(rpc)).dead_letters
    request = ops_pb2.GetDeadLetterRequest(dead_letter_id=first.id)
    letter = (await rpc.GetDeadLetter(request, None)).dead_letter
    assert letter == first
    assert (letter.service, [each.error for each in letter.history]) == (
        "notify",
        ["ValueError: no"],
    )


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"group": "notify-order-cancelled"}, 3),
        ({"topic": "order.cancelled"}, 3),
        ({"topic": "order.cancelled", "group": "notify-order-cancelled"}, 3),
        ({"topic": "order.created"}, 0),
        ({"topic": "order.created", "group": "notify-order-cancelled"}, 0),
        ({"to": Timestamp(seconds=1)}, 0),
        ({"from": Timestamp(seconds=1)}, 3),
    ],
)
async def test_filters(rpc: OpsRpc, filters: dict[str, Any], found: int) -> None:
    request = ops_pb2.ListDeadLettersRequest(**filters)
    assert (await rpc.ListDeadLetters(request, None)).total_size == found


async def test_a_time_that_no_calendar_has_is_refused(rpc: OpsRpc) -> None:
    request = ops_pb2.ListDeadLettersRequest(to=Timestamp(seconds=2**50))
    with pytest.raises(InvalidField):
        await rpc.ListDeadLetters(request, None)


async def test_many_are_replayed_and_dropped(rpc: OpsRpc) -> None:
    ids = [letter.id for letter in (await listed(rpc)).dead_letters]
    some = ops_pb2.ReplayDeadLettersRequest(dead_letter_ids=ids[:1])
    assert (await rpc.ReplayDeadLetters(some, None)).replayed == 1
    rest = ops_pb2.ReplayDeadLettersRequest(topic="order.cancelled")
    became = await rpc.ReplayDeadLetters(rest, None)
    assert (became.replayed, became.failed, became.left) == (1, 1, 0)
    assert [each.service for each in became.failures] == ["notify"]
    drop = ops_pb2.DropDeadLettersRequest(group="notify-order-cancelled")
    assert (await rpc.DropDeadLetters(drop, None)).dropped == 1
    assert (await listed(rpc)).total_size == 0


@pytest.mark.parametrize("asked", [{}, {"dead_letter_ids": ["x"], "topic": "order.cancelled"}])
async def test_many_are_named_or_described(rpc: OpsRpc, asked: dict[str, Any]) -> None:
    with pytest.raises(InvalidField):
        await rpc.ReplayDeadLetters(ops_pb2.ReplayDeadLettersRequest(**asked), None)
    with pytest.raises(InvalidField):
        await rpc.DropDeadLetters(ops_pb2.DropDeadLettersRequest(**asked), None)
    assert (await listed(rpc)).total_size == 3

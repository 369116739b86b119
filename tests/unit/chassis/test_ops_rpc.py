from datetime import timedelta

import pytest
from shop.ops.v1 import ops_pb2
from shop.orders.v1 import events_pb2

from chassis.clock import utcnow
from chassis.consumers.dead_letters import DeadLetter
from chassis.consumers.dead_letters_rpc import OpsRpc
from chassis.consumers.replays import DeadLetters
from chassis.errors import InvalidField
from chassis.events import Event, Subscription
from chassis.rpc.paging import encode_page_token
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
                replay_at=first + timedelta(seconds=30) if number == 2 else None,
            )
        )
    subscriptions = [Subscription(events_pb2.OrderCancelled, ignore)]
    return OpsRpc(DeadLetters(store, "svc_notify", subscriptions))


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
    with pytest.raises(InvalidField):
        await listed(rpc, encode_page_token("dead-letters", (2**62, "id")))


async def test_a_letter_that_is_replayed_or_dropped_is_gone(rpc: OpsRpc) -> None:
    first, second = (await listed(rpc)).dead_letters
    await rpc.ReplayDeadLetter(ops_pb2.ReplayDeadLetterRequest(dead_letter_id=first.id), None)
    await rpc.DropDeadLetter(ops_pb2.DropDeadLetterRequest(dead_letter_id=second.id), None)
    assert [letter.event_id for letter in (await listed(rpc)).dead_letters] == ["e3"]

"""Live messages go on in the trace of what wrote them, down to what a browser is sent."""

import json

import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from shop.notify.v1 import notify_pb2

from gateway.live.frames import Entry
from gateway.live.hub import Hub
from gateway.live.log import entry_of
from gateway.protojson.encode import Encoders
from tests.support.spans import SAMPLED, attributes_of, parent_of, recorded
from tests.unit.gateway.fakes import FakeSource

pytestmark = pytest.mark.anyio


class Listener:
    """Remembers what it is offered."""

    def __init__(self) -> None:
        self.offered: list[Entry] = []

    def offer(self, entry: Entry) -> None:
        self.offered.append(entry)


def entry(traceparent: str) -> Entry:
    notice = AnyMessage()
    notice.Pack(notify_pb2.OrderNotice(order_id="o1"))
    message = notify_pb2.LiveMessage(
        audience="user:u1", sequence=1, type="order.created", data=notice, traceparent=traceparent
    )
    return entry_of(message, Encoders())


def test_a_frame_has_the_context_of_its_message_where_there_is_one() -> None:
    assert json.loads(entry(SAMPLED).content)["traceparent"] == SAMPLED
    assert "traceparent" not in json.loads(entry("").content)


async def test_a_message_that_is_handed_out_is_one_span_for_all_its_sockets() -> None:
    hub, listeners = Hub(FakeSource()), [Listener(), Listener()]
    for each in listeners:
        await hub.join("user:u1", each)
    with recorded() as spans:
        hub.publish(entry(SAMPLED))
    span = spans.only()
    assert (span.name, span.kind.name, parent_of(span)) == ("send to user", "PRODUCER", SAMPLED)
    assert attributes_of(span)["messaging.batch.message_count"] == 2
    assert [len(each.offered) for each in listeners] == [1, 1]


async def test_a_message_that_no_one_hears_has_no_span() -> None:
    hub, listener = Hub(FakeSource()), Listener()
    await hub.join("user:u2", listener)
    with recorded() as spans:
        hub.publish(entry(SAMPLED))
    assert spans.ended() == []

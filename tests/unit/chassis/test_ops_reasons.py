"""Every reason that the contract declares for the RPCs that all services have can happen."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from shop.ops.v1 import ops_pb2, outbox_pb2

from chassis.consumers.dead_letters_rpc import OpsRpc
from chassis.kafka.client import Outcome, Record
from chassis.outbox.outbox import OutboxEntry
from chassis.outbox.rejected_events import RejectedEvent
from chassis.outbox.rejected_events_rpc import OutboxRpc
from tests.support.reasons import Refusals, declared
from tests.unit.chassis.test_dead_letters import LETTER, NOW, World

pytestmark = pytest.mark.anyio

letters = Refusals(World)


async def replay(world: World, letter_id: str) -> None:
    request = ops_pb2.ReplayDeadLetterRequest(dead_letter_id=letter_id)
    await OpsRpc(world.letters, "svc_notify").ReplayDeadLetter(request, None)


@letters.of("ReplayDeadLetter", "NOT_FOUND")
async def replay_what_is_not_there(world: World) -> None:
    await replay(world, "ghost")


@letters.of("ReplayDeadLetter", "REPLAY_FAILED")
async def replay_what_fails_again(world: World) -> None:
    world.error = ValueError("still broken")
    await replay(world, await world.keep(LETTER))


@letters.of("GetDeadLetter", "NOT_FOUND")
async def show_a_letter_that_is_not_there(world: World) -> None:
    request = ops_pb2.GetDeadLetterRequest(dead_letter_id="ghost")
    await OpsRpc(world.letters, "svc_notify").GetDeadLetter(request, None)


@letters.of("DropDeadLetter", "NOT_FOUND")
async def drop_a_letter_that_is_not_there(world: World) -> None:
    request = ops_pb2.DropDeadLetterRequest(dead_letter_id="ghost")
    await OpsRpc(world.letters, "svc_notify").DropDeadLetter(request, None)


@dataclass
class Rejected:
    """The rejected events of a service, and a Kafka that takes none of them."""

    events: dict[str, RejectedEvent] = field(default_factory=dict)
    source: str = "svc_cart"

    async def get(self, event_id: str) -> RejectedEvent | None:
        return self.events.get(event_id)

    async def remove(self, event_id: str) -> bool:
        return self.events.pop(event_id, None) is not None

    async def publish(self, records: list[Record]) -> list[Outcome]:
        return [Outcome.REJECTED for _ in records]

    @property
    def rpc(self) -> OutboxRpc:
        return OutboxRpc(cast("Any", self), cast("Any", self), [cast("Any", Stuck())])


class Stuck:
    """A relay of the outboxes of carts, in which only c1 has an event, e1, that Kafka rejects."""

    collection = "carts"

    async def publish_now(self, document_id: str, event_id: str) -> bool | None:
        return False if (document_id, event_id) == ("c1", "e1") else None

    async def drop(self, document_id: str, event_id: str) -> bool:
        return False


rejected_events = Refusals(Rejected)


async def publish(rejected: Rejected) -> None:
    request = outbox_pb2.PublishRejectedEventRequest(event_id="e1")
    await rejected.rpc.PublishRejectedEvent(request, None)


@rejected_events.of("PublishRejectedEvent", "NOT_FOUND")
async def publish_what_is_not_there(rejected: Rejected) -> None:
    await publish(rejected)


@rejected_events.of("PublishRejectedEvent", "REPLAY_FAILED")
async def publish_what_is_rejected_again(rejected: Rejected) -> None:
    waiting = OutboxEntry("c1", "e1", "cart.checkedout", "c1", NOW, b"")
    rejected.events["e1"] = RejectedEvent(waiting, NOW)
    await publish(rejected)


@rejected_events.of("DropRejectedEvent", "NOT_FOUND")
async def drop_an_event_that_is_not_there(rejected: Rejected) -> None:
    request = outbox_pb2.DropRejectedEventRequest(event_id="ghost")
    await rejected.rpc.DropRejectedEvent(request, None)


@rejected_events.of("PublishStuckEvent", "NOT_FOUND")
async def publish_one_of_no_outbox(rejected: Rejected) -> None:
    request = outbox_pb2.PublishStuckEventRequest(stuck_event_id="ghosts:c1:e1")
    await rejected.rpc.PublishStuckEvent(request, None)


@rejected_events.of("PublishStuckEvent", "NOT_FOUND")
async def publish_one_that_has_left(rejected: Rejected) -> None:
    request = outbox_pb2.PublishStuckEventRequest(stuck_event_id="carts:c1:e2")
    await rejected.rpc.PublishStuckEvent(request, None)


@rejected_events.of("PublishStuckEvent", "REPLAY_FAILED")
async def publish_one_while_kafka_is_unreachable(rejected: Rejected) -> None:
    request = outbox_pb2.PublishStuckEventRequest(stuck_event_id="carts:c1:e1")
    await rejected.rpc.PublishStuckEvent(request, None)


@rejected_events.of("DropStuckEvent", "NOT_FOUND")
async def drop_one_that_has_left(rejected: Rejected) -> None:
    request = outbox_pb2.DropStuckEventRequest(stuck_event_id="carts:c1:e2")
    await rejected.rpc.DropStuckEvent(request, None)


async def test_every_declared_reason_of_dead_letters_can_happen() -> None:
    service = ops_pb2.DESCRIPTOR.services_by_name["OpsService"]
    assert await letters.provoked() == declared(service)


async def test_every_declared_reason_of_rejected_events_can_happen() -> None:
    service = outbox_pb2.DESCRIPTOR.services_by_name["OutboxService"]
    assert await rejected_events.provoked() == declared(service)

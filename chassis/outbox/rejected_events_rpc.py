"""shop.ops.v1 of a service: the events that it could not publish."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from shop.ops.v1 import outbox_pb2, outbox_pb2_grpc

from chassis.clock import Clock, utcnow
from chassis.errors import NotFound, Refusal
from chassis.kafka.client import Outcome
from chassis.outbox.publisher import Publisher, record_of
from chassis.outbox.rejected_events import RejectedEvent, RejectedEvents
from chassis.outbox.relay import Relay
from chassis.rpc.paging import decode_page_token, encode_page_token, page_size, scope_of
from chassis.rpc.values import timestamp_message

# A sweep comes every few seconds.
STUCK_AFTER = timedelta(seconds=30)
MOST_STUCK = 100
NO_SUCH_EVENT = "There is no such event."


class PublishFailed(Refusal):
    """Kafka did not take the event now either."""

    reason = "REPLAY_FAILED"


class OutboxRpc(outbox_pb2_grpc.OutboxServiceServicer):
    """Lists, publishes and drops rejected events, and those that wait for long.

    Args:
        events: The rejected ones.
        publisher: Where they go.
        relays: Those of the service's outboxes; may grow.
        clock: The time.
    """

    def __init__(
        self,
        events: RejectedEvents,
        publisher: Publisher,
        relays: Sequence[Relay] = (),
        clock: Clock = utcnow,
    ) -> None:
        self._events = events
        self._publisher = publisher
        self._relays = relays
        self._clock = clock

    async def ListRejectedEvents(
        self, request: outbox_pb2.ListRejectedEventsRequest, context: Any
    ) -> outbox_pb2.ListRejectedEventsResponse:
        scope = scope_of(request)
        after = decode_page_token(request.page_token, scope, (datetime, str))
        events, following = await self._events.page(page_size(request.page_size), after)
        return outbox_pb2.ListRejectedEventsResponse(
            rejected_events=map(self._message, events),
            next_page_token=encode_page_token(scope, following) if following else "",
            total_size=await self._events.count(),
        )

    async def PublishRejectedEvent(
        self, request: outbox_pb2.PublishRejectedEventRequest, context: Any
    ) -> outbox_pb2.PublishRejectedEventResponse:
        event = await self._events.get(request.event_id)
        if event is None:
            raise NotFound(NO_SUCH_EVENT)
        record = record_of(event.waiting, self._publisher.source)
        [outcome] = await self._publisher.publish([record])
        if outcome is not Outcome.ACKNOWLEDGED:
            raise PublishFailed(f"The event stays where it is: {outcome.value}.")
        await self._events.remove(request.event_id)
        return outbox_pb2.PublishRejectedEventResponse()

    async def DropRejectedEvent(
        self, request: outbox_pb2.DropRejectedEventRequest, context: Any
    ) -> outbox_pb2.DropRejectedEventResponse:
        if not await self._events.remove(request.event_id):
            raise NotFound(NO_SUCH_EVENT)
        return outbox_pb2.DropRejectedEventResponse()

    async def ListStuckEvents(
        self, request: outbox_pb2.ListStuckEventsRequest, context: Any
    ) -> outbox_pb2.ListStuckEventsResponse:
        before = self._clock() - STUCK_AFTER
        stuck = [
            outbox_pb2.StuckEvent(
                id=f"{each.collection}:{each.document_id}:{each.id}",
                service=self._service,
                collection=each.collection,
                event_id=each.id,
                topic=each.entry["topic"],
                key=each.entry["key"],
                happened_at=timestamp_message(each.entry["at"]),
                attempts=relay.trouble.attempts,
                error=relay.trouble.error,
            )
            for relay in self._relays
            for each in await relay.stuck(before, MOST_STUCK)
        ]
        stuck.sort(key=lambda each: each.happened_at.ToNanoseconds())
        return outbox_pb2.ListStuckEventsResponse(stuck_events=stuck[:MOST_STUCK])

    async def PublishStuckEvent(
        self, request: outbox_pb2.PublishStuckEventRequest, context: Any
    ) -> outbox_pb2.PublishStuckEventResponse:
        relay, document_id, event_id = self._stuck(request.stuck_event_id)
        outcome = await relay.publish_now(document_id, event_id)
        if outcome is None:
            raise NotFound(NO_SUCH_EVENT)
        if not outcome:
            raise PublishFailed("The event stays where it is: Kafka does not take it now.")
        return outbox_pb2.PublishStuckEventResponse()

    async def DropStuckEvent(
        self, request: outbox_pb2.DropStuckEventRequest, context: Any
    ) -> outbox_pb2.DropStuckEventResponse:
        relay, document_id, event_id = self._stuck(request.stuck_event_id)
        if not await relay.drop(document_id, event_id):
            raise NotFound(NO_SUCH_EVENT)
        return outbox_pb2.DropStuckEventResponse()

    def _stuck(self, stuck_event_id: str) -> tuple[Relay, str, str]:
        """The relay of an event's outbox, the outbox's document and the event's id."""
        collection, _, rest = stuck_event_id.partition(":")
        document_id, _, event_id = rest.rpartition(":")
        relay = next((each for each in self._relays if each.collection == collection), None)
        if relay is None:
            raise NotFound(NO_SUCH_EVENT)
        return relay, document_id, event_id

    @property
    def _service(self) -> str:
        return self._publisher.source.removeprefix("svc_")

    def _message(self, event: RejectedEvent) -> outbox_pb2.RejectedEvent:
        waiting = event.waiting
        return outbox_pb2.RejectedEvent(
            id=waiting.id,
            service=self._service,
            topic=waiting.topic,
            key=waiting.key,
            size_bytes=len(waiting.data),
            happened_at=timestamp_message(waiting.at),
            rejected_at=timestamp_message(event.rejected_at),
        )

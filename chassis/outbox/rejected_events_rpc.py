"""shop.ops.v1 of a service: the events that it could not publish."""

from datetime import datetime
from typing import Any

from shop.ops.v1 import outbox_pb2, outbox_pb2_grpc

from chassis.errors import NotFound, Refusal
from chassis.kafka.client import Outcome
from chassis.outbox.publisher import Publisher, record_of
from chassis.outbox.rejected_events import RejectedEvent, RejectedEvents
from chassis.rpc.paging import decode_page_token, encode_page_token, page_size, scope_of
from chassis.rpc.values import timestamp_message


class PublishFailed(Refusal):
    """Kafka did not take the event now either."""

    reason = "REPLAY_FAILED"


class OutboxRpc(outbox_pb2_grpc.OutboxServiceServicer):
    """Lists, publishes and drops rejected events."""

    def __init__(self, events: RejectedEvents, publisher: Publisher) -> None:
        self._events = events
        self._publisher = publisher

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
            raise NotFound("There is no such event.")
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
            raise NotFound("There is no such event.")
        return outbox_pb2.DropRejectedEventResponse()

    def _message(self, event: RejectedEvent) -> outbox_pb2.RejectedEvent:
        waiting = event.waiting
        return outbox_pb2.RejectedEvent(
            id=waiting.id,
            service=self._publisher.source.removeprefix("svc_"),
            topic=waiting.topic,
            key=waiting.key,
            size_bytes=len(waiting.data),
            happened_at=timestamp_message(waiting.at),
            rejected_at=timestamp_message(event.rejected_at),
        )

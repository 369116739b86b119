"""Where live messages come from: the log of svc_notify, as a stream and as lists."""

from collections.abc import AsyncGenerator
from typing import Any, Protocol

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.message_factory import GetMessageClass
from shop.notify.v1 import notify_pb2, notify_pb2_grpc

from gateway.live.frames import Entry, content_of
from gateway.protojson.encode import Encoders
from gateway.protojson.scalars import rfc3339

# Every call has a deadline; a stream that reaches its own is simply opened again.
_STREAM_SECONDS = 3600.0
_LIST_SECONDS = 3.0
_NONE = -1


class MessageLog(Protocol):
    """The log of live messages; each method raises AioRpcError where it does not answer."""

    def subscribe(self) -> AsyncGenerator[Entry | None, None]:
        """Every message of every audience from now on; None is a sign of life."""

    async def after(self, audience: str, sequence: int) -> list[Entry]:
        """The next messages of an audience after one, oldest first; none at the end."""

    async def latest(self, audience: str) -> int:
        """Sequence number of an audience's newest message; 0 where it has none."""


class NotifyLog:
    """The log over gRPC.

    Args:
        channel: To svc_notify, with this process's own token.
        encoders: For what the messages carry.
    """

    def __init__(self, channel: grpc.aio.Channel, encoders: Encoders) -> None:
        self._stub: notify_pb2_grpc.NotifyServiceAsyncStub = notify_pb2_grpc.NotifyServiceStub(
            channel
        )
        self._encoders = encoders

    async def subscribe(self) -> AsyncGenerator[Entry | None, None]:
        """Every message of every audience from now on; None is a sign of life."""
        call = self._stub.Subscribe(notify_pb2.SubscribeRequest(), timeout=_STREAM_SECONDS)
        try:
            async for response in call:
                has_message = response.HasField("message")
                yield entry_of(response.message, self._encoders) if has_message else None
        finally:
            call.cancel()

    async def after(self, audience: str, sequence: int) -> list[Entry]:
        """The next messages of an audience after one, oldest first; none at the end."""
        response = await self._list(audience, sequence)
        return [entry_of(message, self._encoders) for message in response.messages]

    async def latest(self, audience: str) -> int:
        """Sequence number of an audience's newest message; 0 where it has none."""
        return (await self._list(audience, _NONE)).latest_sequence

    async def _list(self, audience: str, after: int) -> notify_pb2.ListMessagesResponse:
        request = notify_pb2.ListMessagesRequest(audience=audience, after_sequence=after)
        return await self._stub.ListMessages(request, timeout=_LIST_SECONDS)


def entry_of(message: notify_pb2.LiveMessage, encoders: Encoders) -> Entry:
    """A message as sockets are sent it."""
    trace = message.traceparent
    content = content_of(message.type, rfc3339(message.time), _data(message, encoders), trace)
    return Entry(message.audience, message.sequence, content, trace)


def _data(message: notify_pb2.LiveMessage, encoders: Encoders) -> Any:
    """The notice alone: the frame's type says what it is."""
    try:
        descriptor = descriptor_pool.Default().FindMessageTypeByName(message.data.TypeName())
    except KeyError:
        return {}
    return encoders.encode(GetMessageClass(descriptor).FromString(message.data.value))

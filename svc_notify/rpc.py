"""shop.notify.v1.NotifyService: from message to use case and back."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import grpc
from shop.notify.v1 import notify_pb2, notify_pb2_grpc

from chassis.auth.identity import require_user
from chassis.rpc.paging import decode_page_token, encode_page_token, page_size
from svc_notify.messages import live_message, notification
from svc_notify.usecases.follow_log import FollowLog, ReadMissed
from svc_notify.usecases.inbox import ListInbox, MarkRead

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True)
class UseCases:
    """Everything that the service can be asked for."""

    list_inbox: ListInbox
    mark_read: MarkRead
    follow: FollowLog
    read_missed: ReadMissed


class NotifyRpc(notify_pb2_grpc.NotifyServiceServicer):
    """The service as it is called."""

    def __init__(self, do: UseCases) -> None:
        self._do = do

    async def ListNotifications(
        self, request: notify_pb2.ListNotificationsRequest, context: Context
    ) -> notify_pb2.ListNotificationsResponse:
        caller = require_user()
        scope = f"inbox of {caller.id}"
        position = decode_page_token(request.page_token, scope, [int])
        page = await self._do.list_inbox(
            caller.id,
            before=position[0] if position else None,
            limit=page_size(request.page_size),
        )
        return notify_pb2.ListNotificationsResponse(
            notifications=[notification(each) for each in page.messages],
            next_page_token=(
                encode_page_token(scope, [page.messages[-1].sequence]) if page.has_more else ""
            ),
            total_size=page.total,
            unread_count=page.unread,
        )

    async def MarkRead(
        self, request: notify_pb2.MarkReadRequest, context: Context
    ) -> notify_pb2.MarkReadResponse:
        unread = await self._do.mark_read(require_user().id, request.ids)
        return notify_pb2.MarkReadResponse(unread_count=unread)

    async def CheckHealth(
        self, request: notify_pb2.CheckHealthRequest, context: Context
    ) -> notify_pb2.CheckHealthResponse:
        return notify_pb2.CheckHealthResponse(status="ok")

    async def Subscribe(
        self, request: notify_pb2.SubscribeRequest, context: Context
    ) -> AsyncIterator[notify_pb2.SubscribeResponse]:
        async for message in self._do.follow():
            yield notify_pb2.SubscribeResponse(message=live_message(message) if message else None)

    async def ListMessages(
        self, request: notify_pb2.ListMessagesRequest, context: Context
    ) -> notify_pb2.ListMessagesResponse:
        missed = await self._do.read_missed(request.audience, request.after_sequence)
        return notify_pb2.ListMessagesResponse(
            messages=[live_message(each) for each in missed.messages],
            latest_sequence=missed.latest,
        )

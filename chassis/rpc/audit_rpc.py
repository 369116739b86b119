"""shop.ops.v1 of a service: who did what to whom."""

from datetime import datetime
from typing import Any

from shop.ops.v1 import audit_pb2, audit_pb2_grpc

from chassis.mongo.audit_log import Action, AuditLog, Filters
from chassis.rpc.paging import decode_page_token, encode_page_token, page_size, scope_of
from chassis.rpc.values import time_in, timestamp_message


class AuditRpc(audit_pb2_grpc.AuditServiceServicer):
    """Lists what was done.

    Args:
        audit_log: The service's own.
        service: Such as `cart`.
    """

    def __init__(self, audit_log: AuditLog, service: str) -> None:
        self._log = audit_log
        self._service = service

    async def ListAuditEntries(
        self, request: audit_pb2.ListAuditEntriesRequest, context: Any
    ) -> audit_pb2.ListAuditEntriesResponse:
        filters = Filters(
            actor=request.actor,
            subject_id=request.subject,
            name=request.action,
            since=time_in(request, "from"),
            before=time_in(request, "to"),
        )
        scope = scope_of(request)
        after = decode_page_token(request.page_token, scope, (datetime, str))
        actions, following = await self._log.page(filters, page_size(request.page_size), after)
        return audit_pb2.ListAuditEntriesResponse(
            entries=map(self._message, actions),
            next_page_token=encode_page_token(scope, following) if following else "",
            total_size=await self._log.count(filters),
        )

    def _message(self, action: Action) -> audit_pb2.AuditEntry:
        changes = action.changes.items()
        return audit_pb2.AuditEntry(
            id=action.id,
            at=timestamp_message(action.at) if action.at else None,
            service=self._service,
            actor_kind=action.actor.kind,
            actor_id=action.actor.id,
            actor_email=action.actor.email,
            action=action.name,
            subject_kind=action.subject_kind,
            subject_id=action.subject_id,
            outcome=action.outcome,
            changes=[audit_pb2.AuditChange(field=path, value=text) for path, text in changes],
            request_id=action.request_id,
            trace_id=action.trace_id,
            address=action.address,
        )

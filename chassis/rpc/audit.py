"""RPCs that the contract says are audited: recorded before they are done, and how they ended."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import structlog
from google.protobuf.timestamp_pb2 import Timestamp
from shop.options.v1 import options_pb2

from chassis.auth.identity import current_identity
from chassis.contract.rpc_rules import Rpc
from chassis.errors import InvalidField
from chassis.mongo.audit_log import OK, Action, Actor
from chassis.rpc.client_address import client_address
from chassis.rpc.status import reason_in, status_of_error
from chassis.telemetry import correlation

log = structlog.get_logger(__name__)

_LONGEST = 200

Serve = Callable[[Any, Any], Awaitable[Any]]
"""The handler of an RPC: a request and its context to a response."""


class Recorder(Protocol):
    """Where actions are recorded."""

    async def begin(self, action: Action) -> str:
        """Record that it is about to be done; its id."""

    async def end(self, action_id: str, outcome: str, made: str = "") -> None:
        """Record how it ended."""


def audited(
    rpc: Rpc, rules: options_pb2.AuditRules, serve: Serve, recorder: Callable[[], Recorder]
) -> Serve:
    """`serve`, the handler of an RPC, which is called only once the call is recorded."""

    async def serve_recorded(request: Any, context: Any) -> Any:
        log_of = recorder()
        action = _action(rpc, rules, request)
        action_id = await log_of.begin(action)
        try:
            response = await serve(request, context)
        except Exception as error:
            status = status_of_error(error, {})
            await _end(log_of, action_id, "INTERNAL" if status is None else reason_in(status))
            raise
        made = "" if action.subject_id else value_at(response, rules.subject)
        await _end(log_of, action_id, OK, made)
        return response

    return serve_recorded


def _action(rpc: Rpc, rules: options_pb2.AuditRules, request: Any) -> Action:
    """What is about to be done; of the request only what the contract names is told."""
    identity = current_identity()
    changes = {path: value_at(request, path) for path in rules.recorded}
    around = dict(correlation.fields())
    return Action(
        actor=Actor(identity.kind, identity.id, identity.email),
        name=rpc.path.rpartition("/")[2],
        subject_kind=rules.kind,
        subject_id=value_at(request, rules.subject) if rules.subject else identity.id,
        changes={path: value for path, value in changes.items() if value},
        request_id=around.get("http.request.id", ""),
        trace_id=around.get("trace.id", ""),
        address=client_address.get(),
    )


def value_at(message: Any, path: str) -> str:
    """A field of a message as text, cut; empty where it has none of the name, or it is not set.

    Raises:
        InvalidField: It is a time that is none.
    """
    *parents, name = path.split(".")
    for parent in parents:
        if parent not in message.DESCRIPTOR.fields_by_name:
            return ""
        message = getattr(message, parent)
    field = message.DESCRIPTOR.fields_by_name.get(name)
    if field is None or (field.has_presence and not message.HasField(name)):
        return ""
    value = getattr(message, name)
    if field.enum_type is not None and not field.is_repeated:
        return str(field.enum_type.values_by_number[value].name) if value else ""
    if isinstance(value, bool | int | float) and not field.has_presence and not value:
        return ""
    if isinstance(value, Timestamp):
        try:
            return value.ToJsonString()
        except ValueError as error:
            raise InvalidField(path, "must be a time of the years 1 to 9999") from error
    text = ", ".join(map(str, value)) if field.is_repeated else str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


async def _end(recorder: Recorder, action_id: str, outcome: str, made: str = "") -> None:
    """Record how it ended; what is done stays done where that fails, and its outcome unknown."""
    try:
        await recorder.end(action_id, outcome, made)
    except Exception:
        log.exception("outcome not recorded", action_id=action_id, outcome=outcome)

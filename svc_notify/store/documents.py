"""Messages as documents."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from chassis.currencies import Money
from chassis.mongo.client import Document
from svc_notify.model.message import Draft, Message
from svc_notify.model.notices import (
    CheckoutNotice,
    Notice,
    OrderNotice,
    PaymentNotice,
    ProductNotice,
)

_KINDS: dict[str, type[Notice]] = {
    "checkout": CheckoutNotice,
    "order": OrderNotice,
    "payment": PaymentNotice,
    "product": ProductNotice,
}
_KIND_OF = {notice: kind for kind, notice in _KINDS.items()}
_MONEY = ("price", "total", "amount")


def message_id(audience: str, sequence: int) -> str:
    """The `_id` of the message in that place of the audience's log."""
    return f"{audience}/{sequence}"


def document(draft: Draft, sequence: int, now: datetime) -> Document:
    """A new message; what is for an inbox begins as unread."""
    trace = {"trace": draft.trace} if draft.trace else {}
    return trace | {
        "_id": message_id(draft.audience, sequence),
        "audience": draft.audience,
        "sequence": sequence,
        "event_id": draft.event_id,
        "type": draft.type,
        "time": draft.time,
        "added_at": now,
        "expires_at": draft.expires_at(now),
        "inbox": draft.is_for_inbox,
        "unread": draft.is_for_inbox,
        "notice": {"kind": _KIND_OF[type(draft.notice)], **asdict(draft.notice)},
    }


def message(found: Mapping[str, Any]) -> Message:
    """The message of a document."""
    return Message(
        id=found["_id"],
        audience=found["audience"],
        sequence=found["sequence"],
        type=found["type"],
        time=found["time"],
        added_at=found["added_at"],
        notice=_notice(found["notice"]),
        is_unread=found["unread"],
        trace=found.get("trace", ""),
    )


def _notice(found: Mapping[str, Any]) -> Notice:
    fields = {name: value for name, value in found.items() if name != "kind"}
    money = {name: Money(**fields[name]) for name in _MONEY if fields.get(name)}
    return _KINDS[found["kind"]](**(fields | money))

"""Payments as documents, and back. Absent values have no field, which sparse indexes rely on."""

from dataclasses import asdict

from chassis.currencies import Money
from chassis.mongo.client import Document
from svc_payments.model.intents import Failure, FailureKind
from svc_payments.model.orders import Item
from svc_payments.model.payment import Card, CardKind, OrderOutcome, Payment, PaymentStatus
from svc_payments.model.refunds import Refund, RefundStatus

# Fields that a later version may lack: the write that makes it has to take them away.
OPTIONAL = ("claim", "attend_at")


def payment_document(payment: Payment) -> Document:
    """Everything but the outbox."""
    document: Document = {
        "_id": payment.id,
        "order_id": payment.order_id,
        "order_number": payment.order_number or None,
        "claim": payment.order_id if payment.holds_claim else None,
        "user_id": payment.user_id,
        "key": payment.key,
        "card": {"kind": payment.card.kind.value, "id": payment.card.id},
        "amount": asdict(payment.amount),
        "items": [asdict(item) for item in payment.items],
        "description": payment.description,
        "created_at": payment.created_at,
        "expires_at": payment.expires_at,
        "status": payment.status.value,
        "version": payment.version,
        "stripe_id": payment.stripe_id or None,
        "client_secret": payment.client_secret,
        "action_url": payment.action_url,
        "failure": payment.failure and _failure_document(payment.failure),
        "refunds": [asdict(refund) | {"status": refund.status.value} for refund in payment.refunds],
        "order_end": payment.order_end and asdict(payment.order_end),
        "is_stray": payment.is_stray,
        "attend_at": payment.attend_at,
    }
    return {name: value for name, value in document.items() if value is not None}


def payment_of(document: Document) -> Payment:
    """The payment that a document holds."""
    failure, end = document.get("failure"), document.get("order_end")
    return Payment(
        id=document["_id"],
        order_id=document["order_id"],
        user_id=document["user_id"],
        key=document["key"],
        card=Card(CardKind(document["card"]["kind"]), document["card"]["id"]),
        amount=Money(**document["amount"]),
        items=items_of(document["items"]),
        description=document["description"],
        created_at=document["created_at"],
        expires_at=document["expires_at"],
        status=PaymentStatus(document["status"]),
        version=document["version"],
        stripe_id=document.get("stripe_id", ""),
        client_secret=document["client_secret"],
        action_url=document["action_url"],
        failure=failure and _failure_of(failure),
        refunds=tuple(map(_refund_of, document["refunds"])),
        order_end=end and OrderOutcome(**end),
        is_stray=document["is_stray"],
        attend_at=document.get("attend_at"),
        order_number=document.get("order_number", ""),
    )


def items_of(documents: list[Document]) -> tuple[Item, ...]:
    """The items that documents hold."""
    return tuple(
        Item(
            document["product_id"],
            document["title"],
            Money(**document["price"]),
            document["quantity"],
        )
        for document in documents
    )


def _failure_document(failure: Failure) -> Document:
    return {"kind": failure.kind.value, "code": failure.code, "message": failure.message}


def _failure_of(document: Document) -> Failure:
    return Failure(FailureKind(document["kind"]), document["code"], document["message"])


def _refund_of(document: Document) -> Refund:
    return Refund(**(document | {"status": RefundStatus(document["status"])}))

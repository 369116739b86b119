"""Orders as documents, and back. Absent values have no field, which sparse indexes rely on.

Refusals are kept too, so that all callers with one key are given the same answer.
"""

from dataclasses import asdict
from typing import Any

from chassis.currencies import Money
from chassis.errors import InvalidField, NotFound, Refusal, Unavailable
from chassis.mongo.client import Document
from svc_orders.model.lines import CartRef, Item, Line
from svc_orders.model.order import Buyer, Order, OrderStatus
from svc_orders.model.refusals import (
    OrderFailed,
    OutOfStock,
    PriceChange,
    PriceChanged,
    Shortage,
    TooManyUnpaidItems,
    TooManyUnpaidOrders,
    TotalNotChargeable,
    UnpaidItems,
)
from svc_orders.model.timeline import TimelineEntry

# Fields that a later version may lack: the write that makes it has to take them away.
OPTIONAL = (
    "leased_until",
    "expires_at",
    "completed_at",
    "completed_day",
    "release_due_at",
    "reconcile_at",
    "client_key",
)


def order_document(order: Order) -> Document:
    """Everything but the outbox."""
    document: Document = {
        "_id": order.id,
        "user_id": order.buyer.user_id,
        "user_email": order.buyer.email,
        "key": order.key,
        "cart": order.cart and vars(order.cart),
        "client_key": order.client_key or None,
        "status": order.status.value,
        "lines": [_line_document(line) for line in order.lines],
        "items": [_item_document(item) for item in order.items],
        "total": money_document(order.total),
        "version": order.version,
        "created_at": order.created_at,
        "leased_until": order.leased_until,
        "expires_at": order.expires_at,
        "completed_at": order.completed_at,
        "completed_day": order.completed_at and order.completed_at.date().isoformat(),
        "payment_id": order.payment_id,
        "release_due_at": order.release_due_at,
        "reconcile_at": order.reconcile_at,
        "refused": order.refusal is not None,
        "refusal": order.refusal and refusal_document(order.refusal),
        "timeline": [vars(entry) for entry in order.timeline],
    }
    return {
        name: value for name, value in document.items() if value is not None or name == "refusal"
    }


def order_of(document: Document) -> Order:
    """The order that a document holds."""
    return Order(
        id=document["_id"],
        buyer=Buyer(document["user_id"], document["user_email"]),
        key=document["key"],
        cart=_cart_of(document.get("cart")),
        client_key=document.get("client_key", ""),
        status=OrderStatus(document["status"]),
        lines=tuple(map(_line_of, document["lines"])),
        items=tuple(map(_item_of, document["items"])),
        total=money_of(document["total"]),
        version=document["version"],
        created_at=document["created_at"],
        leased_until=document.get("leased_until"),
        expires_at=document.get("expires_at"),
        completed_at=document.get("completed_at"),
        payment_id=document["payment_id"],
        release_due_at=document.get("release_due_at"),
        reconcile_at=document.get("reconcile_at"),
        refusal=document["refusal"] and refusal_of(document["refusal"]),
        timeline=tuple(TimelineEntry(**entry) for entry in document.get("timeline", ())),
    )


def money_document(money: Money) -> Document:
    """An amount as documents hold it."""
    return {"amount_minor": money.amount_minor, "currency": money.currency}


def money_of(document: Document) -> Money:
    """The amount that a document holds."""
    return Money(document["amount_minor"], document["currency"])


def _cart_of(document: Document | None) -> CartRef | None:
    return CartRef(**document) if document else None


def _line_document(line: Line) -> Document:
    expected = line.expected_price
    return {
        "product_id": line.product_id,
        "quantity": line.quantity,
        "expected_price": expected and money_document(expected),
    }


def _line_of(document: Document) -> Line:
    expected: Any = document["expected_price"]
    return Line(document["product_id"], document["quantity"], expected and money_of(expected))


def _item_document(item: Item) -> Document:
    return {
        "product_id": item.product_id,
        "title": item.title,
        "price": money_document(item.price),
        "quantity": item.quantity,
    }


def _item_of(document: Document) -> Item:
    return Item(
        document["product_id"],
        document["title"],
        money_of(document["price"]),
        document["quantity"],
    )


PLAIN = {kind.reason: kind for kind in (NotFound, Unavailable, OrderFailed)}


def refusal_document(refusal: Refusal) -> Document:
    """What is needed to refuse again in the same way."""
    document: Document = {"reason": refusal.reason, "message": refusal.message}
    match refusal:
        case InvalidField():
            document["field"] = refusal.field
        case TooManyUnpaidOrders():
            document |= {"limit": refusal.limit, "of_network": refusal.of_network}
        case TotalNotChargeable():
            document["total"] = asdict(refusal.total)
        case OutOfStock() | PriceChanged() | TooManyUnpaidItems():
            document["lines"] = [asdict(line) for line in refusal.lines]
    return document


def refusal_of(document: Document) -> Refusal:
    """The refusal that a document holds."""
    match document["reason"]:
        case InvalidField.reason:
            return InvalidField(document["field"], document["message"])
        case OutOfStock.reason:
            return OutOfStock([Shortage(**line) for line in document["lines"]])
        case TooManyUnpaidOrders.reason:
            of_network = document.get("of_network", False)
            return TooManyUnpaidOrders(document["limit"], of_network=of_network)
        case TooManyUnpaidItems.reason:
            return TooManyUnpaidItems([UnpaidItems(**line) for line in document["lines"]])
        case TotalNotChargeable.reason:
            return TotalNotChargeable(Money(**document["total"]))
        case PriceChanged.reason:
            return PriceChanged([_price_change_of(line) for line in document["lines"]])
    return PLAIN[document["reason"]](document["message"])


def _price_change_of(document: Document) -> PriceChange:
    return PriceChange(
        document["product_id"],
        document["title"],
        Money(**document["expected"]),
        Money(**document["price"]),
    )

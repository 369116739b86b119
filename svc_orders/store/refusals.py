"""Refusals as documents, so that all callers with one key are told the same."""

from dataclasses import asdict

from chassis.errors import InvalidField, NotFound, Refusal, Unavailable
from chassis.mongo.client import Document
from svc_orders.model.lines import Money
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

PLAIN = {kind.reason: kind for kind in (NotFound, Unavailable, OrderFailed)}


def refusal_document(refusal: Refusal) -> Document:
    """What is needed to refuse again in the same way."""
    document: Document = {"reason": refusal.reason, "message": refusal.message}
    match refusal:
        case InvalidField():
            document["field"] = refusal.field
        case TooManyUnpaidOrders():
            document["limit"] = refusal.limit
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
            return TooManyUnpaidOrders(document["limit"])
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

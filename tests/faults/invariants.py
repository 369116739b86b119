"""What is always true of a shop once its queues are empty."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from chassis.consumers import dead_letters
from chassis.outbox import rejected_events
from tests.faults.queues import Document, database_of
from tests.support.people import Shop, ok

REPLICATED = {
    "cart": ("products", ("title", "price", "available", "deleted")),
    "orders": ("products", ("title", "price", "deleted")),
    "payments": ("titles", ("title",)),
}


@dataclass(frozen=True)
class Books:
    """Everything that a shop has written down about its products, orders and money."""

    products: Mapping[str, Document]
    reservations: Mapping[str, Document]
    """Those that have moved out of their products."""
    orders: Mapping[str, Document]
    payments: Mapping[str, Document]
    replicas: Mapping[str, Mapping[str, Document]]
    paid_orders: Mapping[str, Document]
    """The orders as the payments know them."""
    charges: Mapping[str, list[int]]
    """What Stripe has charged for each order, net of refunds."""
    dead_letters: Mapping[str, int]
    rejected_events: Mapping[str, int]


def books_of(shop: Shop) -> Books:
    """The books as they are now."""
    return Books(
        products=_documents(shop, "catalog", "products"),
        reservations=_documents(shop, "catalog", "reservations"),
        orders=_documents(shop, "orders", "orders"),
        payments=_documents(shop, "payments", "payments"),
        replicas={
            service: _documents(shop, service, collection)
            for service, (collection, _) in REPLICATED.items()
        },
        paid_orders=_documents(shop, "payments", "orders"),
        charges=_charges(shop),
        dead_letters=_counts(shop, dead_letters.COLLECTION),
        rejected_events=_counts(shop, rejected_events.COLLECTION),
    )


def broken(books: Books, initial: Mapping[str, int]) -> list[str]:
    """The invariants that do not hold, one sentence each.

    Args:
        books: What is written down.
        initial: How many there were of some products, by id, before anything was sold.
    """
    return [
        *_stock(books),
        *_sold(books, initial),
        *_replicas(books),
        *_paid_orders(books),
        *_money(books),
        *_keys(books),
        *(
            f"{service} gave up {count} events"
            for service, count in books.dead_letters.items()
            if count
        ),
        *(
            f"{service} could not publish {count} events"
            for service, count in books.rejected_events.items()
            if count
        ),
    ]


def _stock(books: Books) -> Iterator[str]:
    """Available + reserved = quantity, nothing is negative, reservations are of live orders."""
    for product_id, product in books.products.items():
        if product["available"] != product["quantity"] - product["reserved"]:
            yield f"product {product_id}: available + reserved is not quantity"
        if min(product["available"], product["reserved"], product["quantity"]) < 0:
            yield f"product {product_id}: less than nothing"
        reservations = _held_of(books, product_id)
        held = sum(each["quantity"] for each in reservations)
        if held != product["reserved"]:
            yield f"product {product_id}: {product['reserved']} reserved, {held} for orders"
        for each in reservations:
            order = books.orders.get(each["order_id"])
            if order is None or order["status"] not in {"created", "pending"}:
                yield f"product {product_id}: held by {each['order_id']}, which has ended"


def _held_of(books: Books, product_id: str) -> list[Document]:
    """What orders hold of a product: what it says itself counts before what has moved out of it."""
    moved_out = books.reservations.values()
    last = {each["order_id"]: each for each in moved_out if each["product_id"] == product_id}
    last |= {each["order_id"]: each for each in books.products[product_id]["recent"]}
    return [each for each in last.values() if each["state"] == "reserved"]


def _sold(books: Books, initial: Mapping[str, int]) -> Iterator[str]:
    """Stock = initial - sold."""
    sold: Counter[str] = Counter()
    for order in books.orders.values():
        if order["status"] == "completed":
            for item in order["items"]:
                sold[item["product_id"]] += item["quantity"]
    for product_id, quantity in initial.items():
        left = books.products[product_id]["quantity"]
        if left != quantity - sold[product_id]:
            yield f"product {product_id}: {quantity} - {sold[product_id]} sold is not {left}"


def _replicas(books: Books) -> Iterator[str]:
    """Every replica equals its source."""
    for service, (_, fields) in REPLICATED.items():
        replica = books.replicas[service]
        for product_id, product in books.products.items():
            copy = replica.get(product_id)
            if copy is None:
                yield f"{service} has not heard of product {product_id}"
            elif not product["deleted"] and any(copy[name] != product[name] for name in fields):
                yield f"{service} has another product {product_id}: {copy}"
            elif copy.get("deleted", product["deleted"]) != product["deleted"]:
                yield f"{service} has not heard that product {product_id} was deleted"


def _paid_orders(books: Books) -> Iterator[str]:
    """What the payments know of orders is what became of them."""
    for order_id, order in books.orders.items():
        copy = books.paid_orders.get(order_id)
        if order["refused"] or order["status"] == "created":
            continue
        if copy is None:
            # Where it never was pending there was nothing to hear of.
            if any(entry["type"] == "order.created" for entry in order["timeline"]):
                yield f"payments have not heard of order {order_id}"
        elif copy["total"] != order["total"]:
            yield f"payments have another total of order {order_id}"
        elif copy["is_pending"] and order["status"] == "cancelled":
            yield f"payments have not heard that order {order_id} was cancelled"


def _money(books: Books) -> Iterator[str]:
    """One captured payment of the total for a completed order, and nothing for any other."""
    succeeded: defaultdict[str, list[Document]] = defaultdict(list)
    for payment in books.payments.values():
        if payment["status"] == "succeeded":
            succeeded[payment["order_id"]].append(payment)
    for order_id, order in books.orders.items():
        net = [amount for amount in books.charges.get(order_id, []) if amount]
        if order["status"] == "completed":
            total = order["total"]["amount_minor"]
            if net != [total]:
                yield f"order {order_id} of {total} was charged {net}"
            if [each["amount"]["amount_minor"] for each in succeeded[order_id]] != [total]:
                yield f"order {order_id} has {len(succeeded[order_id])} payments"
        elif net:
            yield f"order {order_id} is {order['status']} and was charged {net}"
    for order_id in set(books.charges) - set(books.orders):
        if sum(books.charges[order_id]):
            yield f"there is no order {order_id}, but a charge for it"


def _keys(books: Books) -> Iterator[str]:
    """One order per checkout key."""
    keys = Counter((order["user_id"], order["key"]) for order in books.orders.values())
    yield from (f"{count} orders of {key}" for key, count in keys.items() if count > 1)


def _documents(shop: Shop, service: str, collection: str) -> dict[str, Document]:
    with database_of(shop, service) as database:
        return {str(document["_id"]): document for document in database[collection].find()}


def _counts(shop: Shop, collection: str) -> dict[str, int]:
    services = shop.ready["servers"]["mongo"]
    return {service: len(_documents(shop, service, collection)) for service in services}


def _charges(shop: Shop) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    stripe: str = shop.ready["servers"]["stripe"]
    charges: list[dict[str, Any]] = ok(httpx.get(f"{stripe}/_emulator/charges"))["data"]
    for charge in charges:
        found[charge["metadata"].get("order_id", "")].append(charge["net"])
    return found

"""The document of a product.

    {_id, title, description, category, price: {amount_minor, currency}, quantity, image_key,
     keywords, user_id, created_at, version, deleted,
     details_version, changed_in: {detail: details_version},   which edit changed what
     edits: [idempotency key],                   of the newest of them
     reserved, available,                        available = quantity - reserved, to be indexed
     terms: [word], main_terms: [word],          what finds it, and what does so best
     title_key, derived_by,                      what orders it, and how these were made
     recent: [{id, order_id, state, quantity, token, at, step}],   where orders stand, see stock.py
     moved,                                      how often some of `recent` have moved out
     outbox: [entry]}

Sharded by a hashed `_id`: every write is of one product.
"""

from collections.abc import Mapping
from typing import Any

from chassis.currencies import Money
from chassis.mongo.client import Document
from svc_catalog.model.products import Announcement, Product, ProductFields
from svc_catalog.model.search import Sort, main_terms, terms
from svc_catalog.model.words import normalised

COLLECTION = "products"

# Raised when a product is to be found by other words than it was; the old ones are derived again.
DERIVED_BY = 2

# The field that each order sorts by; `_id` breaks ties.
SORT_FIELDS: Mapping[Sort, str] = {
    Sort.RELEVANCE: "created_at",
    Sort.NEWEST: "created_at",
    Sort.CHEAPEST: "price.amount_minor",
    Sort.DEAREST: "price.amount_minor",
    Sort.TITLE: "title_key",
}

# Without the arrays, which belong to orders and searches.
PROJECTION: Mapping[str, bool] = dict.fromkeys(
    (
        "title",
        "description",
        "category",
        "price",
        "quantity",
        "image_key",
        "keywords",
        "user_id",
        "reserved",
        "version",
        "created_at",
        "deleted",
        "details_version",
        "changed_in",
    ),
    True,
)


def fields_document(fields: ProductFields) -> Document:
    """The part of a document that the admins set, with what is derived from it."""
    return {
        "title": fields.title,
        "description": fields.description,
        "category": fields.category,
        "price": {
            "amount_minor": fields.price.amount_minor,
            "currency": fields.price.currency,
        },
        "quantity": fields.quantity,
        "image_key": fields.image_key,
        "keywords": fields.keywords,
    } | derived(fields)


def derived(fields: ProductFields) -> Document:
    """The part of a document that makes it found and ordered."""
    return {
        "main_terms": main_terms(fields),
        "terms": terms(fields),
        "title_key": normalised(fields.title),
        "derived_by": DERIVED_BY,
    }


def details_document(product: Product) -> Document:
    """The part of a document that an edit writes: `fields_document` without the stock."""
    written = fields_document(product.fields)
    del written["quantity"]
    return written | versions_document(product)


def versions_document(product: Product) -> Document:
    """The part of a document that tells edits apart."""
    return {"details_version": product.details_version, "changed_in": dict(product.changed_in)}


def new_document(product: Product) -> Document:
    """The document of a product that nothing has happened to yet."""
    return (
        fields_document(product.fields)
        | versions_document(product)
        | {
            "_id": product.id,
            "user_id": product.user_id,
            "reserved": product.reserved,
            "available": product.available,
            "version": product.version,
            "created_at": product.created_at,
            "deleted": product.deleted,
            "recent": [],
            "moved": 0,
        }
    )


def product_of(document: Mapping[str, Any]) -> Product:
    """The product of a document that has at least what `PROJECTION` keeps."""
    return Product(
        id=document["_id"],
        fields=ProductFields(
            title=document["title"],
            description=document["description"],
            category=document["category"],
            price=Money(**document["price"]),
            quantity=document["quantity"],
            image_key=document["image_key"],
            # Products that were written before there were any have none.
            keywords=document.get("keywords", ""),
        ),
        user_id=document["user_id"],
        reserved=document["reserved"],
        version=document["version"],
        created_at=document["created_at"],
        deleted=document["deleted"],
        # Products that were written before there were edits have neither.
        details_version=document.get("details_version", 1),
        changed_in=document.get("changed_in", {}),
    )


def deferred_announcement(document: Mapping[str, Any], topic: str) -> Announcement:
    """What a deferred entry announces: the product as it is when the entry is published."""
    return Announcement(topic, product_of(document))

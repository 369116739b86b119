"""The port ProductReplica on MongoDB.

{_id, version, title, price: {amount_minor, currency}, available, image_url, deleted}

A product of which only the deletion is known has no more than its version and `deleted`.
"""

from collections.abc import Collection, Mapping
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.currencies import Money
from chassis.mongo.client import Document
from chassis.mongo.replica import Replica
from svc_cart.model.products import Product

PRODUCTS = "products"


class MongoProductReplica:
    """Copies of products in their collection.

    Args:
        database: The cart's.
    """

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._products = Replica(database[PRODUCTS], _product_of)

    async def get(self, product_ids: Collection[str]) -> Mapping[str, Product]:
        """See ProductReplica."""
        return await self._products.get(product_ids)

    async def put(self, product: Product) -> None:
        """See ProductReplica."""
        fields: Document = {
            "version": product.version,
            "title": product.title,
            "available": product.available,
            "image_url": product.image_url,
            "deleted": product.deleted,
        }
        if product.price is not None:
            fields["price"] = {
                "amount_minor": product.price.amount_minor,
                "currency": product.price.currency,
            }
        await self._products.put(product.id, fields)

    async def delete(self, product_id: str, version: int) -> None:
        """See ProductReplica."""
        # What it was called and looked like stays, for the carts that have it.
        fields = {"version": version, "deleted": True}
        await self._products.put(product_id, fields)


def _product_of(document: Mapping[str, Any]) -> Product:
    price = document.get("price")
    return Product(
        id=document["_id"],
        version=document["version"],
        title=document.get("title", ""),
        price=Money(**price) if price else None,
        available=document.get("available", 0),
        image_url=document.get("image_url", ""),
        deleted=document["deleted"],
    )

"""The product replica in MongoDB."""

from collections.abc import Mapping, Sequence

from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.outbox import versioned as optimistic
from svc_orders.store.documents import money_document, money_of
from svc_orders.usecases.ports import Product

PRODUCTS = "products"


class MongoProducts:
    """One document a product; newer versions win."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._products = database[PRODUCTS]

    async def put(self, product: Product) -> None:
        """Keep it, unless the replica has this version or a newer one."""
        fields = {
            "version": product.version,
            "title": product.title,
            "price": money_document(product.price),
            "deleted": product.deleted,
        }
        await optimistic.put_newer(self._products, product.id, fields)

    async def get(self, product_ids: Sequence[str]) -> Mapping[str, Product]:
        """Those that are known, by id."""
        found = self._products.find({"_id": {"$in": list(product_ids)}})
        return {document["_id"]: _product_of(document) async for document in found}


def _product_of(document: Document) -> Product:
    return Product(
        id=document["_id"],
        version=document["version"],
        title=document["title"],
        price=money_of(document["price"]),
        deleted=document["deleted"],
    )

"""The product replica in MongoDB."""

from collections.abc import Mapping, Sequence

from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.mongo.replica import Replica
from svc_orders.store.documents import money_document, money_of
from svc_orders.usecases.ports import Product

PRODUCTS = "products"


class MongoProducts:
    """One document a product; newer versions win."""

    def __init__(self, database: AsyncDatabase[Document]) -> None:
        self._products = Replica(database[PRODUCTS], _product_of)

    async def put(self, product: Product) -> None:
        """Keep it, unless the replica has this version or a newer one."""
        fields = {
            "version": product.version,
            "title": product.title,
            "price": money_document(product.price),
            "deleted": product.deleted,
        }
        await self._products.put(product.id, fields, product.details_version)

    async def get(self, product_ids: Sequence[str]) -> Mapping[str, Product]:
        """Those that are known, by id."""
        return await self._products.get(product_ids)


def _product_of(document: Document) -> Product:
    return Product(
        id=document["_id"],
        version=document["version"],
        title=document["title"],
        price=money_of(document["price"]),
        deleted=document["deleted"],
    )

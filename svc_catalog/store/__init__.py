"""The catalog's MongoDB: products, which hold their own reservations, and what goes with them."""

from svc_catalog.store.categories import MongoCategoryStore
from svc_catalog.store.documents import COLLECTION, INDEXES, product_of
from svc_catalog.store.products import MongoProductStore
from svc_catalog.store.stock import MongoStockStore

__all__ = [
    "COLLECTION",
    "INDEXES",
    "MongoCategoryStore",
    "MongoProductStore",
    "MongoStockStore",
    "product_of",
]

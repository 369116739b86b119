"""The catalog's MongoDB: one collection, in which a product holds its own reservations."""

from svc_catalog.store.documents import COLLECTION, INDEXES, product_of
from svc_catalog.store.products import MongoProductStore
from svc_catalog.store.stock import MongoStockStore

__all__ = ["COLLECTION", "INDEXES", "MongoProductStore", "MongoStockStore", "product_of"]

"""The catalog's MongoDB: products, their stock, and what goes with them."""

from svc_catalog.store.categories import MongoCategoryStore
from svc_catalog.store.documents import COLLECTION, deferred_announcement
from svc_catalog.store.products import INDEXES as PRODUCT_INDEXES
from svc_catalog.store.products import MongoProductStore
from svc_catalog.store.reservations import INDEXES as RESERVATION_INDEXES
from svc_catalog.store.stock import MongoStockStore
from svc_catalog.store.words import WORD_INDEXES, MongoVocabulary

INDEXES = (*PRODUCT_INDEXES, *RESERVATION_INDEXES, *WORD_INDEXES)

__all__ = [
    "COLLECTION",
    "INDEXES",
    "MongoCategoryStore",
    "MongoProductStore",
    "MongoStockStore",
    "MongoVocabulary",
    "deferred_announcement",
]

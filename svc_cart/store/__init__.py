"""The cart's MongoDB: carts, and what was heard of products."""

from svc_cart.store.carts import CARTS, INDEXES, MongoCartStore
from svc_cart.store.products import PRODUCTS, MongoProductReplica

__all__ = ["CARTS", "INDEXES", "PRODUCTS", "MongoCartStore", "MongoProductReplica"]

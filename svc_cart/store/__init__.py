"""The cart's MongoDB: carts, and what is known of products."""

from svc_cart.store.carts import CARTS, INDEXES, MongoCartStore
from svc_cart.store.products import PRODUCTS, MongoProductReplica

__all__ = ["CARTS", "INDEXES", "PRODUCTS", "MongoCartStore", "MongoProductReplica"]

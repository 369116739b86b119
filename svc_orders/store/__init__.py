"""The ports on MongoDB: the orders with their outbox, what is unpaid, and the product replica."""

from svc_orders.store.orders import INDEXES, ORDERS, OrderStore
from svc_orders.store.products import ProductStore
from svc_orders.store.unpaid import UnpaidStore

__all__ = ["INDEXES", "ORDERS", "OrderStore", "ProductStore", "UnpaidStore"]

"""The ports on MongoDB: the orders with their outbox, what is unpaid, and the product replica."""

from svc_orders.store.orders import INDEXES, ORDERS, MongoOrders
from svc_orders.store.products import MongoProducts
from svc_orders.store.unpaid import MongoUnpaidOrders

__all__ = ["INDEXES", "ORDERS", "MongoOrders", "MongoProducts", "MongoUnpaidOrders"]

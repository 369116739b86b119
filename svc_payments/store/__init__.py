"""The ports on MongoDB: the payments with their outbox, and the replicas."""

from svc_payments.store import payments, webhooks
from svc_payments.store.payments import PAYMENTS, MongoPayments
from svc_payments.store.replicas import MongoOrders, MongoTitles
from svc_payments.store.webhooks import MongoNotices

INDEXES = (*payments.INDEXES, *webhooks.INDEXES)

__all__ = ["INDEXES", "PAYMENTS", "MongoNotices", "MongoOrders", "MongoPayments", "MongoTitles"]

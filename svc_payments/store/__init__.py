"""The ports on MongoDB: the payments with their outbox, and the replicas."""

from svc_payments.store import payments, replicas
from svc_payments.store.payments import PAYMENTS, MongoPayments
from svc_payments.store.replicas import MongoOrders, MongoProcessedEvents, MongoTitles

INDEXES = (*payments.INDEXES, *replicas.INDEXES)

__all__ = [
    "INDEXES",
    "PAYMENTS",
    "MongoOrders",
    "MongoPayments",
    "MongoProcessedEvents",
    "MongoTitles",
]

"""The ports on MongoDB: the payments with their outbox, and the replicas."""

from svc_payments.store import payments, webhooks
from svc_payments.store.payments import PAYMENTS, PaymentStore
from svc_payments.store.replicas import OrderStore, TitleStore
from svc_payments.store.webhooks import NoticeStore

INDEXES = (*payments.INDEXES, *webhooks.INDEXES)

__all__ = ["INDEXES", "PAYMENTS", "NoticeStore", "OrderStore", "PaymentStore", "TitleStore"]

"""The ports on MongoDB: the payments with their outbox, and the replicas."""

from svc_payments.store.indexes import INDEXES, PAYMENTS
from svc_payments.store.payments import PaymentStore
from svc_payments.store.replicas import OrderStore, TitleStore
from svc_payments.store.webhooks import NoticeStore

__all__ = ["INDEXES", "PAYMENTS", "NoticeStore", "OrderStore", "PaymentStore", "TitleStore"]

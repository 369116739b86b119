"""Accounts and sessions in MongoDB."""

from svc_auth.store import sessions, users
from svc_auth.store.sessions import MongoSessions
from svc_auth.store.users import MongoUsers

INDEXES = (*users.INDEXES, *sessions.INDEXES)

__all__ = ["INDEXES", "MongoSessions", "MongoUsers"]

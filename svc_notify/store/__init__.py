"""Messages in MongoDB: the collection `messages`, and `audiences` with the latest sequences.

Shard key of `messages`: `audience`; following then asks every shard, each through its index.
"""

from svc_notify.store import inbox, log
from svc_notify.store.inbox import MongoInbox
from svc_notify.store.log import MongoMessageLog

INDEXES = (*log.INDEXES, *inbox.INDEXES)

__all__ = ["INDEXES", "MongoInbox", "MongoMessageLog"]

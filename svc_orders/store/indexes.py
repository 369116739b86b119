"""The collections and their indexes: one for every query, and what keeps keys unique.

Shard keys in a cluster: `user_id` for orders, as their unique index begins with it; `_id` for
products, and for what accounts have unpaid.
"""

from chassis.mongo.client import Index

ORDERS = "orders"
PRODUCTS = "products"

INDEXES = (
    Index(ORDERS, (("user_id", 1), ("key", 1)), unique=True),
    # Only orders of carts have one of the client's keys, and each gives it up when it is cancelled.
    Index(ORDERS, (("user_id", 1), ("client_key", 1))),
    # Lists and counts. `refused` comes first as it is always given.
    Index(ORDERS, (("refused", 1), ("created_at", -1), ("_id", -1))),
    Index(ORDERS, (("refused", 1), ("user_id", 1), ("created_at", -1), ("_id", -1))),
    Index(ORDERS, (("refused", 1), ("user_id", 1), ("status", 1), ("created_at", -1), ("_id", -1))),
    Index(ORDERS, (("refused", 1), ("status", 1), ("created_at", -1), ("_id", -1))),
    # Sweeps.
    Index(ORDERS, (("status", 1), ("leased_until", 1))),
    Index(ORDERS, (("status", 1), ("expires_at", 1), ("_id", 1))),
    Index(ORDERS, (("release_due_at", 1),), sparse=True),
    Index(ORDERS, (("reconcile_at", 1),), sparse=True),
    # Figures.
    Index(ORDERS, (("status", 1), ("completed_day", 1))),
)

"""The collections and their indexes: one for every query, and what keeps claims and keys unique.

In a cluster the replicas and the notices are sharded by `_id`. Payments stay on one shard: an
order's claim and a user's key are unique over all of them.
"""

from chassis.mongo.client import Index

PAYMENTS = "payments"
ORDERS = "orders"
TITLES = "titles"
NOTICES = "notices"

# Stripe repeats a webhook for three days.
NOTICES_KEPT_SECONDS = 30 * 24 * 3600

INDEXES = (
    # Only payments that are open or have succeeded have a claim: one for an order.
    Index(PAYMENTS, (("claim", 1),), unique=True, sparse=True),
    Index(PAYMENTS, (("user_id", 1), ("key", 1)), unique=True),
    Index(PAYMENTS, (("stripe_id", 1),), sparse=True),
    Index(PAYMENTS, (("order_id", 1), ("created_at", -1), ("_id", -1))),
    Index(PAYMENTS, (("attend_at", 1),), sparse=True),
    Index(NOTICES, (("at", 1),), expire_after_seconds=NOTICES_KEPT_SECONDS),
)

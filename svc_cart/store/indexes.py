"""The indexes of the cart's collections; everything else is found by `_id`.

Sharded by a hashed `owner` for carts and a hashed `_id` for products.
"""

from chassis.mongo.client import Index
from svc_cart.store.carts import CARTS

INDEXES = (
    Index(CARTS, (("owner", 1),), unique=True),
    # Only guests' carts have it, each with its own time.
    Index(CARTS, (("expires_at", 1),), expire_after_seconds=0),
)

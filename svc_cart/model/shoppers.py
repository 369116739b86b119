"""Whose a cart is.

A user's cart belongs to `user:<id>`. A guest's belongs to whoever has its guest id, an unguessable
secret in a cookie; it is kept as a hash only, so that a copy of the database opens no cart.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Shopper:
    """A caller.

    Attributes:
        user_id: Empty for a guest.
        guest_id: What the cookie says; a user may bring one from before signing in.
    """

    user_id: str = ""
    guest_id: str = ""

    @property
    def owner(self) -> str:
        """The owner of the shopper's cart; empty for a guest who brings no id."""
        if self.user_id:
            return user_owner(self.user_id)
        return guest_owner(self.guest_id) if self.guest_id else ""


def user_owner(user_id: str) -> str:
    """The owner of a user's cart."""
    return f"user:{user_id}"


def guest_owner(guest_id: str) -> str:
    """The owner of a guest's cart."""
    return f"guest:{hashlib.sha256(guest_id.encode()).hexdigest()}"

"""Moving a guest's cart to the user that the guest turned out to be: exactly once.

1. The guest's cart is sealed for the user: nobody adds to it any more.
2. One write of the user's cart takes in the lines and notes the guest's cart as merged.
3. The guest's cart is forgotten.

A crash in between is finished by the user's next call, which still brings the guest's id; parallel
calls find the note of step 2 and skip it.
"""

from svc_cart.model.cart import Cart
from svc_cart.model.shoppers import Shopper, guest_owner
from svc_cart.usecases.changes import Changes
from svc_cart.usecases.ports import CartStore


class Merging:
    """Merges carts.

    Args:
        carts: Where they are.
        changes: The writes to them.
    """

    def __init__(self, carts: CartStore, changes: Changes) -> None:
        self._carts = carts
        self._changes = changes

    async def welcome(self, shopper: Shopper) -> str | None:
        """Move the guest's cart that a user brings, if there is one.

        Returns:
            What becomes of the cookie: empty where it has to be cleared, None where it stays.
        """
        if not shopper.user_id or not shopper.guest_id:
            return None
        guest = await self._carts.seal(guest_owner(shopper.guest_id), shopper.owner)
        if guest is not None:
            if guest.lines:
                await self._changes.apply(shopper.owner, lambda cart: _merged(cart, guest))
            await self._carts.delete(guest.id)
        return ""


def _merged(cart: Cart, guest: Cart) -> Cart:
    return cart if guest.id in cart.merged else cart.take_in(guest)

"""Moving a guest's cart to the user that the guest turned out to be: exactly once.

1. The guest's cart is sealed for the user: no one can add to it any more.
2. One write of the user's cart takes in the lines and notes the guest's cart as merged.
3. The guest's cart is deleted.
4. The note is no longer needed and is taken away, so there are never more than calls under way.

A crash in between is finished by the user's next call, which still brings the guest's id. Each
attempt reads the user's cart before it seals the guest's: where that is still there, its note had
not been taken away when the user's cart was read, so a call finds the note, or its write loses to
the call that made it.
"""

from svc_cart.model.cart import Cart, Shopper, guest_owner
from svc_cart.usecases.ports import CartStore
from svc_cart.usecases.write_cart import WriteCart


class MergeGuestCart:
    """Moves the cart of a guest to the user.

    Args:
        carts: Where carts are.
        write_cart: The writes to them.
    """

    def __init__(self, carts: CartStore, write_cart: WriteCart) -> None:
        self._carts = carts
        self._write_cart = write_cart

    async def __call__(self, shopper: Shopper) -> str | None:
        """Move the guest's cart that a user brings, if there is one.

        Returns:
            What becomes of the cookie: empty where it has to be cleared, None where it stays.
        """
        if not shopper.user_id or not shopper.guest_id:
            return None
        owner = guest_owner(shopper.guest_id)
        guest = await self._carts.seal(owner, shopper.owner)
        if guest is None:
            return ""
        if guest.lines:

            async def merge(cart: Cart) -> Cart:
                still = await self._carts.seal(owner, shopper.owner)
                if still is None or still.id in cart.merged:
                    return cart
                return cart.take_in(still)

            await self._write_cart.apply_async(shopper.owner, merge)
        await self._carts.delete(guest.id)
        if guest.lines:
            await self._write_cart.apply(shopper.owner, lambda cart: cart.forget_merged(guest.id))
        return ""

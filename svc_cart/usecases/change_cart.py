"""Changing a cart: read, change, write on the version that was read, and again where that lost."""

from collections.abc import Awaitable, Callable

from chassis.errors import Unavailable
from chassis.ids import NewId
from svc_cart.model.cart import Cart
from svc_cart.usecases.ports import CartStore, Pause

# One write of any number always wins, so this many in parallel all get their turn.
ATTEMPTS = 60


class Changes:
    """The writes to carts.

    Args:
        carts: Where they are.
        new_id: Ids of new carts.
        pause: Between attempts.
    """

    def __init__(self, carts: CartStore, new_id: NewId, pause: Pause) -> None:
        self._carts = carts
        self._new_id = new_id
        self._pause = pause

    async def apply(self, owner: str, change: Callable[[Cart], Cart]) -> Cart:
        """The owner's cart after `change`, written unless that changes nothing.

        Args:
            owner: Whose cart; one that has none is given one.
            change: May be called again with a newer cart.

        Raises:
            Unavailable: Others kept writing first.
        """

        async def decide(cart: Cart) -> Cart:
            return change(cart)

        return await self.apply_async(owner, decide)

    async def apply_async(self, owner: str, change: Callable[[Cart], Awaitable[Cart]]) -> Cart:
        """As `apply`, for a change that has to look something up after the cart was read."""
        for attempt in range(1, ATTEMPTS + 1):
            cart = await self._carts.find(owner) or Cart(self._new_id(), owner)
            changed = await change(cart)
            if changed == cart:
                return cart
            saved = await self._carts.save(changed)
            if saved is not None:
                return saved
            await self._pause(attempt)
        raise Unavailable("The cart changes too fast; try again.")

"""Changing a cart: read, change, write on the version that was read, and again where that lost."""

from collections.abc import Awaitable, Callable

from chassis.ids import NewId
from chassis.mongo.optimistic_locking import TRIES_OF_MANY, Pause, until_written
from svc_cart.model.cart import Cart
from svc_cart.usecases.ports import CartStore


class WriteCart:
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

    async def apply(
        self, owner: str, change: Callable[[Cart], Cart], known: Cart | None = None
    ) -> Cart:
        """The owner's cart after `change`, written unless that changes nothing.

        Args:
            owner: Whose cart; one that has none is given one.
            change: May be called again with a newer cart.
            known: The cart as it was read just now, where it was.

        Raises:
            Unavailable: Others kept writing first.
        """

        async def decide(cart: Cart) -> Cart:
            return change(cart)

        return await self.apply_async(owner, decide, known)

    async def apply_async(
        self, owner: str, change: Callable[[Cart], Awaitable[Cart]], known: Cart | None = None
    ) -> Cart:
        """As `apply`, for a change that has to look something up after the cart was read."""

        async def attempt() -> Cart | None:
            nonlocal known
            cart = known or await self._carts.find(owner) or Cart(self._new_id(), owner)
            known = None  # Where another write was first, it is read again.
            changed = await change(cart)
            return cart if changed == cart else await self._carts.save(changed)

        return await until_written(
            attempt,
            refusal="The cart changes too fast; try again.",
            tries=TRIES_OF_MANY,
            pause=self._pause,
        )

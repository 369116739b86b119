"""Changing a cart: read, change, write on the version that was read, and again where that lost."""

import asyncio
import random
from collections.abc import Callable

from chassis.errors import Unavailable
from chassis.ids import NewId
from svc_cart.model.cart import Cart
from svc_cart.usecases.ports import CartStore, Pause

# One write of any number always wins, so this many in parallel all get their turn.
ATTEMPTS = 60
LONGEST_PAUSE_SECONDS = 0.05


async def jittered(attempt: int) -> None:
    """Wait a while that grows with the attempts, so that writers get out of each other's way."""
    longest = min(0.002 * attempt, LONGEST_PAUSE_SECONDS)
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - no secret


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
        for attempt in range(1, ATTEMPTS + 1):
            cart = await self._carts.find(owner) or Cart(self._new_id(), owner)
            changed = change(cart)
            if changed == cart:
                return cart
            saved = await self._carts.save(changed)
            if saved is not None:
                return saved
            await self._pause(attempt)
        raise Unavailable("The cart changes too fast; try again.")

"""What the cart does when something has happened elsewhere."""

from collections.abc import Mapping

from svc_cart.model.cart import Cart
from svc_cart.model.products import Product
from svc_cart.model.shoppers import user_owner
from svc_cart.usecases.changes import Changes
from svc_cart.usecases.ports import ProductReplica


class Reactions:
    """Takes in what happened to products and payments; each may come twice and in any order.

    Args:
        replica: What was heard of products.
        changes: The writes to carts.
    """

    def __init__(self, replica: ProductReplica, changes: Changes) -> None:
        self._replica = replica
        self._changes = changes

    async def product_changed(self, product: Product) -> None:
        """A product is new, or not as it was."""
        await self._replica.put(product)

    async def product_deleted(self, product_id: str, version: int) -> None:
        """A product is no longer sold."""
        await self._replica.delete(product_id, version)

    async def paid(self, user_id: str, payment_id: str, bought: Mapping[str, int]) -> None:
        """What a payment bought leaves the user's cart, once, and no more than that.

        Args:
            user_id: Who paid.
            payment_id: Noted in the cart with the change.
            bought: Quantities by product.
        """

        def without(cart: Cart) -> Cart:
            if payment_id in cart.payments:
                return cart
            return cart.without_bought(payment_id, bought)

        await self._changes.apply(user_owner(user_id), without)

"""What the cart does when something has happened elsewhere."""

from svc_cart.model.cart import Sale
from svc_cart.model.products import Product
from svc_cart.model.shoppers import user_owner
from svc_cart.usecases.change_cart import Changes
from svc_cart.usecases.ports import ProductReplica


class Reactions:
    """Takes in what happened to products and orders; each may come twice and in any order.

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

    async def sold(self, user_id: str, sale: Sale) -> None:
        """What an order of the user's cart bought leaves the cart, once, and no more than that."""
        await self._changes.apply(user_owner(user_id), lambda cart: cart.sold(sale))

"""What the cart does about what happens elsewhere. Each can be repeated, in any order."""

from svc_cart.model.cart import Sale, user_owner
from svc_cart.model.products import Product
from svc_cart.usecases.change_cart import ChangeCart
from svc_cart.usecases.ports import ProductReplica


class FollowProducts:
    """Keeps the product replica equal to its source."""

    def __init__(self, replica: ProductReplica) -> None:
        self._replica = replica

    async def changed(self, product: Product) -> None:
        """A product was added or changed."""
        await self._replica.put(product)

    async def deleted(self, product_id: str, version: int) -> None:
        """A product is no longer sold."""
        await self._replica.delete(product_id, version)


class FollowOrders:
    """Takes what was bought out of the carts."""

    def __init__(self, change_cart: ChangeCart) -> None:
        self._change_cart = change_cart

    async def completed(self, user_id: str, sale: Sale) -> None:
        """What an order of the user's cart bought leaves the cart, once, and no more than that."""
        await self._change_cart.apply(user_owner(user_id), lambda cart: cart.sold(sale))

"""What the cart does about what happens elsewhere. Each can be repeated, in any order."""

from svc_cart.model.cart import Purchase, user_owner
from svc_cart.model.products import Product
from svc_cart.usecases.ports import ProductReplica
from svc_cart.usecases.write_cart import WriteCart


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

    def __init__(self, write_cart: WriteCart) -> None:
        self._write_cart = write_cart

    async def completed(self, user_id: str, purchase: Purchase) -> None:
        """What an order of the user's cart bought leaves the cart, once, and no more than that."""
        await self._write_cart.apply(user_owner(user_id), lambda cart: cart.sold(purchase))

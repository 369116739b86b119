"""What the use cases need from outside."""

from collections.abc import Collection, Mapping
from typing import Protocol

from svc_cart.model.cart import Cart
from svc_cart.model.checkouts import CartCheckedOut, PlacedOrder
from svc_cart.model.products import Product


class CartStore(Protocol):
    """Where carts are kept, one an owner."""

    async def find(self, owner: str) -> Cart | None:
        """The owner's cart."""
        ...

    async def save(self, cart: Cart) -> Cart | None:
        """Write a cart over the version that it was made from; version 0: where there is none.

        Returns:
            The cart with its next version; None where it has changed since and nothing was done.
        """
        ...

    async def seal(self, owner: str, merging_into: str) -> Cart | None:
        """Reserve the owner's cart for `merging_into` alone; repeating it is fine.

        Returns:
            The cart, which cannot be written by a caller that found it before; None where there is
            none, or where it was sealed for another.
        """
        ...

    async def delete(self, cart_id: str) -> None:
        """Forget a cart."""
        ...

    async def record_checkout(self, event: CartCheckedOut) -> None:
        """Tell the world, once an order, that a cart became it. The version stays.

        Nothing happens where the order's generation of the cart is over.
        """
        ...


class ProductReplica(Protocol):
    """What is known of the catalog's products; the newest version wins, whatever comes first."""

    async def get(self, product_ids: Collection[str]) -> Mapping[str, Product]:
        """Those that are known, deleted ones too, by id."""
        ...

    async def put(self, product: Product) -> None:
        """Take in a product, unless something as new is known."""
        ...

    async def delete(self, product_id: str, version: int) -> None:
        """Take in that a product is gone, unless something as new is known."""
        ...


class Catalog(Protocol):
    """The catalog itself, for what is not known yet."""

    async def get(self, product_id: str) -> Product | None:
        """The product as it is now; None where there is none.

        Raises:
            Unavailable: The catalog does not answer.
        """
        ...


class Orders(Protocol):
    """Where orders are made."""

    async def create(self, cart: Cart, idempotency_key: str) -> PlacedOrder:
        """Order the cart at the prices that were shown, or find the order of it that there is.

        Of a cart without lines only the order that the key made is found.

        Raises:
            CartEmpty: The cart has no lines, and the key has no order.
            PriceChanged: Other prices hold.
            NotFound: A product is gone.
        """
        ...

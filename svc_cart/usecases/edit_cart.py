"""Looking at a cart, and changing what is in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from chassis.clock import Clock
from chassis.errors import NotFound
from chassis.ids import NewId
from svc_cart.model.cart import Cart, Shopper, guest_owner
from svc_cart.model.products import Product
from svc_cart.model.refusals import OutOfStock
from svc_cart.model.views import CartView, view
from svc_cart.usecases.look_up_products import LookUpProducts
from svc_cart.usecases.merge_guest_cart import MergeGuestCart
from svc_cart.usecases.ports import CartStore
from svc_cart.usecases.write_cart import WriteCart

# As long as the cookie.
GUEST_LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class CartAnswer:
    """The cart as its shopper sees it.

    Attributes:
        cart: As it is shown.
        guest_id: The cookie's new value; empty clears it, None leaves it.
    """

    cart: CartView
    guest_id: str | None


class EditCart:
    """The cart of a shopper.

    Args:
        carts: Where carts are.
        write_cart: The writes to them.
        merge_guest_cart: For users who bring a guest's cart.
        products: What is known of products.
        currency: That of everything the shop sells, ISO 4217.
        clock: The time now.
        new_secret: Ids of guests.
    """

    def __init__(
        self,
        carts: CartStore,
        write_cart: WriteCart,
        merge_guest_cart: MergeGuestCart,
        products: LookUpProducts,
        *,
        currency: str,
        clock: Clock,
        new_secret: NewId,
    ) -> None:
        self._carts = carts
        self._write_cart = write_cart
        self._merge_guest_cart = merge_guest_cart
        self._products = products
        self._currency = currency
        self._clock = clock
        self._new_secret = new_secret

    async def get(self, shopper: Shopper) -> CartAnswer:
        """The cart; empty where there is none. What it shows counts as shown from now on."""
        cookie = await self._merge_guest_cart(shopper)
        cart = await self._found(shopper.owner)
        return CartAnswer(await self._show(cart) if cart else self._empty(), cookie)

    async def add(self, shopper: Shopper, product_id: str, quantity: int) -> CartAnswer:
        """Put more of a product into the cart.

        A guest id that is not known is not taken over, or an attacker could plant one.

        Raises:
            NotFound: There is no such product.
            InvalidField: The line would exceed 99, or the cart 50 lines.
            OutOfStock: The line would exceed what is available.
        """
        product = await self._products.sold(product_id)
        cookie = await self._merge_guest_cart(shopper)
        owner = shopper.owner
        known = None
        if not shopper.user_id:
            known = await self._found(owner)
            cookie = shopper.guest_id if known else self._new_secret()
            owner = guest_owner(cookie)

        def added(cart: Cart, now: Product) -> Cart:
            return cart.add(now, quantity, self._clock())

        return await self._change(owner, cookie, product, added, known)

    async def set_quantity(self, shopper: Shopper, product_id: str, quantity: int) -> CartAnswer:
        """Change how many of a product are wanted.

        Raises:
            NotFound: The cart has no such line.
            OutOfStock: So many are not available.
        """
        cookie = await self._merge_guest_cart(shopper)
        cart = await self._found(shopper.owner)
        if cart is None or cart.line(product_id) is None:
            raise NotFound("The cart does not have this product.")
        known = await self._products.get([product_id])
        product = known.get(product_id) or Product(product_id, version=0, deleted=True)

        def changed(cart: Cart, now: Product) -> Cart:
            return cart.set_quantity(now, quantity)

        return await self._change(shopper.owner, cookie, product, changed, cart)

    async def remove(self, shopper: Shopper, product_id: str) -> CartAnswer:
        """Take a product out of the cart, if it is there."""
        cookie = await self._merge_guest_cart(shopper)
        known = await self._found(shopper.owner)
        if known is None:
            return CartAnswer(self._empty(), cookie)
        cart = await self._write_cart.apply(
            shopper.owner, lambda cart: cart.remove(product_id), known
        )
        return CartAnswer(await self._show(cart), cookie)

    async def _change(
        self,
        owner: str,
        cookie: str | None,
        product: Product,
        change: Callable[[Cart, Product], Cart],
        known: Cart | None,
    ) -> CartAnswer:
        """Change a cart by what is known of a product, and by what is true before refusing."""

        def changed(product: Product) -> Callable[[Cart], Cart]:
            return lambda cart: self._dated(change(cart, product))

        try:
            cart = await self._write_cart.apply(owner, changed(product), known)
        except OutOfStock:
            newer = await self._products.newer(product)
            if newer is None:
                raise
            cart = await self._write_cart.apply(owner, changed(newer))
        return CartAnswer(await self._show(cart), cookie)

    def _dated(self, cart: Cart) -> Cart:
        if not cart.owner.startswith("guest:"):
            return cart
        return replace(cart, expires_at=self._clock() + GUEST_LIFETIME)

    async def _show(self, cart: Cart) -> CartView:
        """The cart as it is now; a price that is new to the shopper counts as shown then."""
        products = await self._products.get([line.product_id for line in cart.lines])
        seen = view(cart, products, self._currency)
        new_prices = {item.product_id: item.price for item in seen.items if item.previous_price}
        if new_prices:
            cart = await self._write_cart.apply(
                cart.owner, lambda each: each.with_prices_acknowledged(new_prices), cart
            )
            seen = replace(seen, version=cart.version)
        return seen

    async def _found(self, owner: str) -> Cart | None:
        cart = await self._carts.find(owner) if owner else None
        return cart if cart is not None and not cart.merging_into else None

    def _empty(self) -> CartView:
        return view(Cart(id="", owner=""), {}, self._currency)

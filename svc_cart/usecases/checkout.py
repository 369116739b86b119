"""Making an order of a cart."""

from dataclasses import dataclass

from chassis.clock import Clock
from chassis.errors import NotFound, Unavailable
from svc_cart.model.cart import Cart, Purchase, Shopper
from svc_cart.model.checkouts import CartCheckedOut, PlacedOrder
from svc_cart.model.refusals import CartEmpty, OutOfStock, PriceChanged, Shortage
from svc_cart.usecases.look_up_products import LookUpProducts
from svc_cart.usecases.merge_guest_cart import MergeGuestCart
from svc_cart.usecases.ports import CartStore, Orders
from svc_cart.usecases.write_cart import WriteCart

TRIES = 5


@dataclass(frozen=True)
class CheckoutResult:
    """What a shopper is answered.

    Attributes:
        order: What the cart became.
        guest_id: The cookie's new value; empty clears it, None leaves it.
    """

    order: PlacedOrder
    guest_id: str | None


class Checkout:
    """Makes one order of a cart, however often it is asked to.

    What makes the order unique is the cart's id and generation, so any number of clicks on one cart
    are one order; svc_orders sees to that. The lines stay until the order is paid, of which the
    cart learns by `order.completed`, or here, where that is still on its way.

    Args:
        carts: Where carts are.
        write_cart: The writes to them.
        merge_guest_cart: For users who bring a guest's cart.
        products: What is known of products.
        orders: Where orders are made.
        clock: The time now.
    """

    def __init__(
        self,
        carts: CartStore,
        write_cart: WriteCart,
        merge_guest_cart: MergeGuestCart,
        products: LookUpProducts,
        orders: Orders,
        clock: Clock,
    ) -> None:
        self._carts = carts
        self._write_cart = write_cart
        self._merge_guest_cart = merge_guest_cart
        self._products = products
        self._orders = orders
        self._clock = clock

    async def __call__(self, shopper: Shopper, idempotency_key: str) -> CheckoutResult:
        """Order what is in the cart at the prices that were shown.

        A crash between the order and its record in the cart is made good by the next call, which
        finds the same order.

        Returns:
            The order, which waits to be paid; or which was paid, where that is news to the cart or
            the client repeats a key.

        Raises:
            CartEmpty: There is nothing in it, and the key, if any, has no order.
            PriceChanged: Other prices hold; from now on they count as shown.
            OutOfStock: More was asked for than there is, or a product is gone.
            Unavailable: The cart keeps changing.
        """
        cookie = await self._merge_guest_cart(shopper)
        for _ in range(TRIES):
            cart = await self._carts.find(shopper.owner)
            # The lines have left the cart where the order of a key was paid: svc_orders knows it.
            if cart is None or not (cart.lines or idempotency_key):
                raise CartEmpty("There is nothing in the cart.")
            order = await self._order(cart, idempotency_key)
            if order.is_waiting:
                await self._carts.record_checkout(
                    CartCheckedOut(cart.id, cart.version, shopper.user_id, order, self._clock())
                )
                return CheckoutResult(order, cookie)
            after = await self._settle(cart.owner, order.purchase)
            # What is left then was put in after the order: it is what the shopper orders now.
            is_left = after.generation != cart.generation and bool(after.lines)
            if order.is_completed and not is_left:
                return CheckoutResult(order, cookie)
        raise Unavailable("The cart is being brought up to date; try again.")

    async def _order(self, cart: Cart, key: str) -> PlacedOrder:
        try:
            return await self._orders.create(cart, key)
        except PriceChanged as refusal:
            prices = refusal.prices
            await self._write_cart.apply(
                cart.owner, lambda each: each.with_prices_acknowledged(prices)
            )
            raise
        except NotFound as refusal:
            gone = await self._gone(cart)
            if gone:
                raise OutOfStock(gone) from refusal
            raise

    async def _settle(self, owner: str, purchase: Purchase) -> Cart:
        return await self._write_cart.apply(owner, lambda cart: cart.sold(purchase))

    async def _gone(self, cart: Cart) -> tuple[Shortage, ...]:
        titles = await self._products.gone([line.product_id for line in cart.lines])
        return tuple(
            Shortage(line.product_id, titles[line.product_id], line.quantity, available=0)
            for line in cart.lines
            if line.product_id in titles
        )

"""What orders do about what happens elsewhere. Each can be repeated, in any order."""

from chassis.clock import Clock
from svc_orders.model.order import Order
from svc_orders.model.timeline import PaymentUpdate
from svc_orders.usecases.ports import Orders, Product, Products, change


class FollowPayments:
    """Payments complete orders; what else happens to them is noted."""

    def __init__(self, orders: Orders, *, clock: Clock) -> None:
        self._orders = orders
        self._clock = clock

    async def created(self, order_id: str, update: PaymentUpdate) -> Order:
        """The order's payment was captured: it is completed, unless it was cancelled before."""
        return await change(self._orders, order_id, lambda order: order.paid(update, self._clock()))

    async def failed(self, order_id: str, update: PaymentUpdate) -> Order:
        """An attempt to pay failed: noted."""
        return await change(
            self._orders, order_id, lambda order: order.payment_failed(update, self._clock())
        )

    async def refunded(self, order_id: str, update: PaymentUpdate, *, is_full: bool) -> Order:
        """Money went back: noted, and the end of the order where all of it did."""
        return await change(
            self._orders,
            order_id,
            lambda order: order.refunded(update, self._clock(), is_full=is_full),
        )


class FollowProducts:
    """Keeps the product replica equal to its source."""

    def __init__(self, products: Products) -> None:
        self._products = products

    async def changed(self, product: Product) -> None:
        """A product was added or changed."""
        await self._products.put(product)

    async def deleted(self, product_id: str, version: int) -> None:
        """A product was taken out of the shop."""
        await self._products.put(Product(product_id, version, deleted=True))

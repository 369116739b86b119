"""Beginning an order, and waiting for one that another call has begun."""

import asyncio
from collections.abc import Mapping, Sequence

from chassis.clock import Clock
from chassis.errors import NotFound
from chassis.ids import NewId
from svc_orders.model.lines import CartRef, Item, Line
from svc_orders.model.order import Buyer, Order, OrderStatus
from svc_orders.model.starting import start
from svc_orders.usecases.order_leases import LEASE, has_time_left, take_over
from svc_orders.usecases.ports import Catalog, Orders, Patience, Product, Products
from svc_orders.usecases.reserve_stock import PlaceOrder, outcome


class BeginOrder:
    """Writes an order down under its key, and takes it on to its next state."""

    def __init__(
        self,
        orders: Orders,
        products: Products,
        catalog: Catalog,
        place: PlaceOrder,
        *,
        clock: Clock,
        new_id: NewId,
        patience: Patience,
    ) -> None:
        self._orders = orders
        self._products = products
        self._catalog = catalog
        self._place = place
        self._clock = clock
        self._new_id = new_id
        self._patience = patience

    async def __call__(
        self, buyer: Buyer, lines: tuple[Line, ...], key: str, cart: CartRef | None = None
    ) -> Order | None:
        """Begin an order and finish it.

        Returns:
            None where another order has its key.

        Raises:
            Refusal: It cannot be had.
        """
        items = await self._look_up(lines)
        now = self._clock()
        order = start(self._new_id(), buyer, key, lines, items, cart=cart, now=now, lease=LEASE)
        if not await self._orders.insert(order):
            return None
        if has_time_left(order.leased_until, self._clock()):
            return await self._place.finish(order)
        return await self.join(order)

    async def join(self, order: Order) -> Order:
        """Wait for who makes the order, and go on in their place if they have vanished.

        Raises:
            Refusal: It cannot be had.
        """
        for _ in range(self._patience.looks):
            if order.status is not OrderStatus.CREATED:
                break
            if await take_over(self._orders, order, self._clock):
                return await self._place.finish(order)
            await self._patience.pause()
            order = await self._orders.get(order.id) or order
        return outcome(order)

    async def _look_up(self, lines: Sequence[Line]) -> tuple[Item, ...]:
        """What the replica says of the products; the catalog is asked for those it lacks."""
        known = dict(await self._products.get([line.product_id for line in lines]))
        missing = [line.product_id for line in lines if line.product_id not in known]
        for product in await asyncio.gather(*map(self._catalog.product, missing)):
            known[product.id] = product
            if product.version:
                await self._products.put(product)
        return tuple(_item(line, known) for line in lines)


def _item(line: Line, products: Mapping[str, Product]) -> Item:
    product = products[line.product_id]
    if product.deleted:
        raise NotFound(f"There is no product {line.product_id}.")
    return Item(line.product_id, product.title, product.price, line.quantity)

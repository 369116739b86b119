"""Creating an order: at most one live order for an idempotency key, whatever happens."""

import asyncio
from collections.abc import Sequence

from chassis.clock import Clock
from chassis.errors import NotFound, Unavailable
from chassis.ids import NewId
from svc_orders.model.lines import Item, Line, merged
from svc_orders.model.order import Buyer, Order, OrderStatus
from svc_orders.model.refusals import IdempotencyKeyReused
from svc_orders.model.starting import given_key, start
from svc_orders.usecases.leasing import LEASE, has_time_left, take_over
from svc_orders.usecases.placing import PlaceOrder, outcome
from svc_orders.usecases.ports import Catalog, Orders, Patience, Product, Products

TRIES = 5


class CreateOrder:
    """Makes an order, or finds the one that its key stands for.

    The unique index over user and key lets one of any number of parallel calls write the order;
    the others wait for its outcome and answer that. An order that ends cancelled gives its key up
    in the same write, so the same cart can be checked out again. The body that a key stands for is
    its lines; the prices that were shown guard against surprises and are no part of it.
    """

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

    async def __call__(self, buyer: Buyer, lines: Sequence[Line], key: str = "") -> Order:
        """Order these lines.

        Returns:
            The order, pending; or as it is by now where the key's order was made before.

        Raises:
            InvalidField, NotFound, OutOfStock, PriceChanged: It can not be had.
            IdempotencyKeyReused: The key's order has other lines.
            Unavailable: The outcome is not known; the same key asks again.
        """
        wanted = merged(lines)
        for _ in range(TRIES):
            if earlier := await self._earlier(buyer, key, wanted):
                return await self._join(earlier)
            order = start(
                self._new_id(),
                buyer,
                key,
                wanted,
                await self._look_up(wanted),
                now=self._clock(),
                lease=LEASE,
            )
            if await self._orders.insert(order):
                if has_time_left(order.leased_until, self._clock()):
                    return await self._place.finish(order)
                return await self._join(order)
            # Another call was first with this key. Where that order is refused before we look,
            # the key is free again.
        raise Unavailable("Orders with this key keep being refused; try again.")

    async def _earlier(self, buyer: Buyer, key: str, wanted: Sequence[Line]) -> Order | None:
        order = await self._orders.by_key(buyer.user_id, given_key(key)) if key else None
        if order is not None and _quantities(order.lines) != _quantities(wanted):
            raise IdempotencyKeyReused("The key belongs to an order of other lines.")
        return order

    async def _join(self, order: Order) -> Order:
        """Wait for who makes the order, and go on in their place if they have vanished."""
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
        return tuple(_item(line, known[line.product_id]) for line in lines)


def _item(line: Line, product: Product) -> Item:
    if product.deleted:
        raise NotFound(f"There is no product {line.product_id}.")
    return Item(line.product_id, product.title, product.price, line.quantity)


def _quantities(lines: Sequence[Line]) -> dict[str, int]:
    return {line.product_id: line.quantity for line in lines}

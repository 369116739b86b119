"""Creating an order: at most one live order for an idempotency key, whatever happens."""

import asyncio
from collections.abc import Mapping, Sequence

from chassis.clock import Clock
from chassis.errors import NotFound, Unavailable
from chassis.ids import NewId
from chassis.mongo.optimistic_locking import PollPolicy
from svc_orders.model.lines import CartRef, Item, Line, merged
from svc_orders.model.order import Buyer, Order, OrderStatus, given_key, start
from svc_orders.model.refusals import IdempotencyKeyReused
from svc_orders.usecases.ports import Catalog, Orders, Product, Products
from svc_orders.usecases.reserve_stock import LEASE, ReserveStock, has_time_left, outcome, take_over

TRIES = 5


class BeginOrder:
    """Writes an order down under its key, and takes it on to its next state."""

    def __init__(
        self,
        orders: Orders,
        products: Products,
        catalog: Catalog,
        reserve: ReserveStock,
        *,
        clock: Clock,
        new_id: NewId,
        poll: PollPolicy,
    ) -> None:
        self._orders = orders
        self._products = products
        self._catalog = catalog
        self._reserve = reserve
        self._clock = clock
        self._new_id = new_id
        self._poll = poll

    async def draft(
        self, buyer: Buyer, lines: tuple[Line, ...], key: str, cart: CartRef | None = None
    ) -> Order:
        """An order that is not written yet.

        Raises:
            NotFound, InvalidField, TotalNotChargeable: It cannot be had.
            Unavailable: A product is not known, and the catalog does not answer.
        """
        items = await self._look_up(lines)
        now = self._clock()
        return start(self._new_id(), buyer, key, lines, items, cart=cart, now=now, lease=LEASE)

    async def __call__(self, order: Order) -> Order | None:
        """Begin a drafted order and finish it.

        Returns:
            None where another order has its key.

        Raises:
            Refusal: It cannot be had.
        """
        if not await self._orders.insert(order):
            return None
        if has_time_left(order.leased_until, self._clock()):
            return await self._reserve(order)
        return await self.join(order)

    async def join(self, order: Order) -> Order:
        """Wait for who makes the order, and go on in their place if they have vanished.

        Raises:
            Refusal: It cannot be had.
        """
        for _ in range(self._poll.polls):
            if order.status is not OrderStatus.CREATED:
                break
            if await take_over(self._orders, order, self._clock):
                return await self._reserve(order)
            await self._poll.pause()
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


class CreateOrder:
    """Makes an order, or finds the one that its key stands for.

    The unique index over user and key lets one of any number of parallel calls write the order;
    the others wait for its outcome and answer that. An order that ends cancelled gives its key up
    in the same write, so the same lines can be ordered again. The body that a key stands for is
    its lines; the prices that were shown guard against surprises and are no part of it.
    """

    def __init__(self, orders: Orders, begin: BeginOrder) -> None:
        self._orders = orders
        self._begin = begin

    async def __call__(self, buyer: Buyer, lines: Sequence[Line], key: str = "") -> Order:
        """Order these lines.

        Returns:
            The order, pending; or as it is by now where the key's order was made before.

        Raises:
            InvalidField, NotFound, OutOfStock, PriceChanged: It cannot be had.
            TooManyUnpaidOrders, TooManyUnpaidItems: The account has too much unpaid.
            IdempotencyKeyReused: The key's order has other lines.
            Unavailable: The outcome is not known; the same key asks again.
        """
        wanted = merged(lines)
        for _ in range(TRIES):
            earlier = await self._orders.by_key(buyer.user_id, given_key(key)) if key else None
            if earlier is not None:
                check_body(earlier, wanted)
                return await self._begin.join(earlier)
            if order := await self._begin(await self._begin.draft(buyer, wanted, key)):
                return order
            # Another call was first with this key. Where that order is refused before we look,
            # the key is free again.
        raise Unavailable("Orders with this key keep being refused; try again.")


def check_body(order: Order, wanted: Sequence[Line]) -> None:
    """Check that a key's order is the one that is asked for.

    Raises:
        IdempotencyKeyReused: It has other lines.
    """
    if not has_lines(order, wanted):
        raise IdempotencyKeyReused("The key belongs to an order of other lines.")


def has_lines(order: Order, wanted: Sequence[Line]) -> bool:
    """Whether the order has these products in these quantities."""
    return _quantities(order.lines) == _quantities(wanted)


def _quantities(lines: Sequence[Line]) -> dict[str, int]:
    return {line.product_id: line.quantity for line in lines}

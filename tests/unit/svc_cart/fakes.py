"""The cart's ports in memory."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from chassis.currencies import Money
from chassis.errors import NotFound, Unavailable
from svc_cart.model.cart import Cart, Line
from svc_cart.model.checkouts import CartCheckedOut, OrderItem, OrderStatus, PlacedOrder
from svc_cart.model.products import Product
from svc_cart.model.refusals import CartEmpty, PriceChange, PriceChanged


async def no_pause(attempt: int) -> None:
    """Let others go on, and take no time."""
    await asyncio.sleep(0)


@dataclass
class FakeCartStore:
    """CartStore; `checkouts` has what would have been published."""

    carts: dict[str, Cart] = field(default_factory=dict)
    checkouts: dict[tuple[str, str], CartCheckedOut] = field(default_factory=dict)

    async def find(self, owner: str) -> Cart | None:
        await asyncio.sleep(0)
        return self.carts.get(owner)

    async def save(self, cart: Cart) -> Cart | None:
        await asyncio.sleep(0)
        current = self.carts.get(cart.owner)
        if cart.version != (current.version if current else 0):
            return None
        if current is not None and (current.id != cart.id or current.merging_into):
            return None
        saved = replace(cart, version=cart.version + 1)
        self.carts[cart.owner] = saved
        return saved

    async def seal(self, owner: str, merging_into: str) -> Cart | None:
        await asyncio.sleep(0)
        current = self.carts.get(owner)
        if current is None or current.merging_into not in {"", merging_into}:
            return None
        sealed = replace(current, merging_into=merging_into, version=current.version + 1)
        self.carts[owner] = sealed
        return sealed

    async def delete(self, cart_id: str) -> None:
        await asyncio.sleep(0)
        self.carts = {owner: cart for owner, cart in self.carts.items() if cart.id != cart_id}

    async def record_checkout(self, event: CartCheckedOut) -> None:
        purchase = event.order.purchase
        current = {(cart.id, cart.generation) for cart in self.carts.values()}
        if (event.cart_id, purchase.generation) in current:
            self.checkouts.setdefault((event.cart_id, event.order.id), event)


@dataclass
class FakeProductReplica:
    """ProductReplica."""

    products: dict[str, Product] = field(default_factory=dict)

    async def get(self, product_ids: Collection[str]) -> Mapping[str, Product]:
        return {each: self.products[each] for each in product_ids if each in self.products}

    async def put(self, product: Product) -> None:
        known = self.products.get(product.id)
        if known is None or known.version < product.version:
            self.products[product.id] = product

    async def delete(self, product_id: str, version: int) -> None:
        known = self.products.get(product_id, Product(product_id, version=0))
        if known.version < version:
            self.products[product_id] = replace(known, version=version, deleted=True)


@dataclass
class FakeCatalog:
    """Catalog; `asked` has the products that it was asked for."""

    products: dict[str, Product] = field(default_factory=dict)
    away: bool = False
    asked: list[str] = field(default_factory=list)

    async def get(self, product_id: str) -> Product | None:
        self.asked.append(product_id)
        if self.away:
            raise Unavailable("away")
        return self.products.get(product_id)


@dataclass
class FakeOrders:
    """Orders, at the prices in `prices`.

    Attributes:
        waiting: The order of a cart and generation, which a cart of other lines replaces.
        keys: The clients' keys.
        keyed: The order of a key.
        made: How many were made.
    """

    prices: dict[str, Money] = field(default_factory=dict)
    waiting: dict[tuple[str, int], PlacedOrder] = field(default_factory=dict)
    keys: list[str] = field(default_factory=list)
    keyed: dict[str, str] = field(default_factory=dict)
    made: int = 0

    async def create(self, cart: Cart, idempotency_key: str) -> PlacedOrder:
        await asyncio.sleep(0)
        self.keys.append(idempotency_key)
        for order in self.waiting.values():
            if order.id == self.keyed.get(idempotency_key):
                return order
        if not cart.lines:
            raise CartEmpty("There is nothing in the cart.")
        place = cart.id, cart.generation
        quantities = {line.product_id: line.quantity for line in cart.lines}
        known = self.waiting.get(place)
        if known and (known.purchase.quantities == quantities or not known.is_waiting):
            return known
        self._check(cart.lines)
        items = tuple(
            OrderItem(line.product_id, line.product_id.title(), line.price, line.quantity)
            for line in cart.lines
        )
        self.made += 1
        if idempotency_key:
            self.keyed[idempotency_key] = f"o{self.made}"
        self.waiting[place] = PlacedOrder(
            id=f"o{self.made}",
            number="",
            user_id="u1",
            user_email="",
            status=OrderStatus.PENDING,
            items=items,
            total=Money(sum(item.price.amount_minor * item.quantity for item in items), "USD"),
            cart_id=cart.id,
            cart_generation=cart.generation,
            cart_version=0,
            version=2,
            created_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
        )
        return self.waiting[place]

    def pay(self, order: PlacedOrder, *, cancelled: bool = False) -> PlacedOrder:
        """The order is paid, and cancelled after that where it says so."""
        paid = replace(order, status=OrderStatus.CANCELLED if cancelled else OrderStatus.COMPLETED)
        if cancelled:
            self.keyed = {key: made for key, made in self.keyed.items() if made != order.id}
        self.waiting[order.purchase.cart_id, order.purchase.generation] = paid
        return paid

    def _check(self, lines: Sequence[Line]) -> None:
        for line in lines:
            if line.product_id not in self.prices:
                raise NotFound(f"There is no product {line.product_id}.")
        changes = tuple(
            PriceChange(line.product_id, line.product_id.title(), line.price, price)
            for line in lines
            for price in [self.prices[line.product_id]]
            if price != line.price
        )
        if changes:
            raise PriceChanged("A price has changed.", changes)

"""A cart, the rules of its lines, and whose it is.

A user's cart belongs to `user:<id>`. A guest's belongs to the holder of its guest id, an
unguessable secret in a cookie; it is kept as a hash only, so that a copy of the database opens no
cart.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from chassis.currencies import Money
from chassis.errors import InvalidField, NotFound
from svc_cart.model.products import Product
from svc_cart.model.refusals import OutOfStock, Shortage

MAX_LINES = 50
MAX_QUANTITY = 99


@dataclass(frozen=True)
class Line:
    """A number of one product.

    Attributes:
        product_id: The product.
        quantity: How many are wanted.
        price: Price of one as the shopper was last shown it.
        added_at: When the line was begun.
        begun: The version of the cart that had it first; 0 for lines from before there was one.
    """

    product_id: str
    quantity: int
    price: Money
    added_at: datetime
    begun: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Purchase:
    """What an order of a cart bought, by product.

    Attributes:
        cart_id: The cart.
        generation: The one that it had then.
        quantities: How many of each product.
        version: The last version that was ordered: lines begun later were not. 0 where unknown.
    """

    cart_id: str
    generation: int
    quantities: Mapping[str, int]
    version: int = 0


@dataclass(frozen=True)
class Cart:
    """What one shopper is about to buy.

    Attributes:
        id: Opaque id.
        owner: Whose it is; see `user_owner` and `guest_owner`.
        lines: In the order they were added, one a product.
        version: Grows with every write; 0 where it was never written.
        merged: Guests' carts whose lines are in here already, until they are deleted.
        generation: How many orders of it were paid, whose lines have left it.
        merging_into: The owner that a guest's cart is being moved to: nothing is added any more.
        expires_at: When a guest's cart is forgotten; None for a user's.
    """

    id: str
    owner: str
    lines: tuple[Line, ...] = ()
    version: int = 0
    merged: tuple[str, ...] = ()
    generation: int = 0
    merging_into: str = ""
    expires_at: datetime | None = None

    def line(self, product_id: str) -> Line | None:
        """The product's line."""
        return next((line for line in self.lines if line.product_id == product_id), None)

    def add(self, product: Product, quantity: int, at: datetime) -> "Cart":
        """This cart with `quantity` more of a product that is sold.

        Raises:
            InvalidField: The line would exceed 99, or the cart 50 lines.
            OutOfStock: The line would exceed what is available.
        """
        if product.price is None:
            raise ValueError("a product that is sold has a price")
        line = self.line(product.id)
        total = quantity + (line.quantity if line else 0)
        if total > MAX_QUANTITY:
            there = f" and has {line.quantity}" if line else ""
            raise InvalidField("quantity", f"is too much: a line holds {MAX_QUANTITY}{there}")
        if line is None and len(self.lines) >= MAX_LINES:
            raise InvalidField("product_id", f"is one too many: a cart holds {MAX_LINES} products")
        _check_stock(product, total)
        if line is None:
            added = Line(product.id, quantity, product.price, at, self.version + 1)
            return replace(self, lines=(*self.lines, added))
        return self._with(product.id, lambda each: replace(each, quantity=total))

    def set_quantity(self, product: Product, quantity: int) -> "Cart":
        """This cart with `quantity` of a product that it has.

        Raises:
            NotFound: It has no such line.
            OutOfStock: So many are not available.
        """
        if self.line(product.id) is None:
            raise NotFound("The cart does not have this product.")
        _check_stock(product, quantity)
        return self._with(product.id, lambda each: replace(each, quantity=quantity))

    def remove(self, product_id: str) -> "Cart":
        """This cart without a product."""
        kept = tuple(line for line in self.lines if line.product_id != product_id)
        return replace(self, lines=kept)

    def take_in(self, guest: "Cart") -> "Cart":
        """This cart with the lines of a guest's, as far as there is room for them.

        The guest was shown a price last, so that is the price that was shown.
        """
        own = {line.product_id: line for line in self.lines}
        for line in guest.lines:
            mine = own.get(line.product_id)
            if mine is not None:
                total = min(mine.quantity + line.quantity, MAX_QUANTITY)
                own[line.product_id] = replace(mine, quantity=total, price=line.price)
            elif len(own) < MAX_LINES:
                own[line.product_id] = replace(line, begun=self.version + 1)
        return replace(self, lines=tuple(own.values()), merged=(*self.merged, guest.id))

    def forget_merged(self, guest_cart_id: str) -> "Cart":
        """This cart without the note that it took in a guest's, which is deleted by now."""
        return replace(self, merged=tuple(each for each in self.merged if each != guest_cart_id))

    def sold(self, purchase: Purchase) -> "Cart":
        """This cart less what an order of it bought; unchanged where that has left it already."""
        if (purchase.cart_id, purchase.generation) != (self.id, self.generation):
            return self
        left = (
            line
            if line.begun > purchase.version > 0
            else replace(line, quantity=line.quantity - purchase.quantities.get(line.product_id, 0))
            for line in self.lines
        )
        return replace(
            self,
            lines=tuple(line for line in left if line.quantity > 0),
            generation=self.generation + 1,
        )

    def with_prices_acknowledged(self, prices: Mapping[str, Money]) -> "Cart":
        """This cart after the shopper was shown `prices`, by product."""
        shown: Iterable[Line] = (
            replace(line, price=prices.get(line.product_id, line.price)) for line in self.lines
        )
        return replace(self, lines=tuple(shown))

    def _with(self, product_id: str, change: Callable[[Line], Line]) -> "Cart":
        lines = (change(line) if line.product_id == product_id else line for line in self.lines)
        return replace(self, lines=tuple(lines))


def _check_stock(product: Product, quantity: int) -> None:
    if product.for_sale < quantity:
        raise OutOfStock((Shortage(product.id, product.title, quantity, product.for_sale),))


@dataclass(frozen=True)
class Shopper:
    """A caller.

    Attributes:
        user_id: Empty for a guest.
        guest_id: What the cookie says; a user may bring one from before signing in.
    """

    user_id: str = ""
    guest_id: str = ""

    @property
    def owner(self) -> str:
        """The owner of the shopper's cart; empty for a guest who brings no id."""
        if self.user_id:
            return user_owner(self.user_id)
        return guest_owner(self.guest_id) if self.guest_id else ""


def user_owner(user_id: str) -> str:
    """The owner of a user's cart."""
    return f"user:{user_id}"


def guest_owner(guest_id: str) -> str:
    """The owner of a guest's cart."""
    return f"guest:{hashlib.sha256(guest_id.encode()).hexdigest()}"

"""What an order is made of: the lines that were asked for, and the items that hold for them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chassis.currencies import Money, currency
from chassis.errors import InvalidField
from svc_orders.model.refusals import PriceChange, PriceChanged, TotalNotChargeable

MAX_QUANTITY = 99


@dataclass(frozen=True)
class Line:
    """So many of a product; `expected_price` is what the shopper was shown, None for any."""

    product_id: str
    quantity: int
    expected_price: Money | None = None


@dataclass(frozen=True)
class Item:
    """A line with the title and price of one that hold for it."""

    product_id: str
    title: str
    price: Money
    quantity: int


@dataclass(frozen=True)
class CartRef:
    """The cart that an order was made of: how many of its orders were paid before, its version."""

    cart_id: str
    generation: int
    version: int


def merged(lines: Sequence[Line]) -> tuple[Line, ...]:
    """One line a product, in order of product id, so that equal wishes are equal values.

    Raises:
        InvalidField: More than 99 of a product in all, or two expected prices for it.
    """
    found: dict[str, Line] = {}
    for position, line in enumerate(lines):
        before = found.get(line.product_id)
        found[line.product_id] = line if before is None else _sum(before, line, position)
    return tuple(sorted(found.values(), key=lambda line: line.product_id))


def _sum(before: Line, line: Line, position: int) -> Line:
    quantity = before.quantity + line.quantity
    if quantity > MAX_QUANTITY:
        raise InvalidField(
            f"items[{position}].quantity",
            f"must be at most {MAX_QUANTITY} together with the other lines of the product",
        )
    prices = {price for price in (before.expected_price, line.expected_price) if price}
    if len(prices) > 1:
        raise InvalidField(
            f"items[{position}].expected_price", "must be the same in all lines of a product"
        )
    return replace(before, quantity=quantity, expected_price=next(iter(prices), None))


def total_of(items: Iterable[Item]) -> Money:
    """The sum of the items.

    Raises:
        InvalidField: They are priced in more than one currency.
        TotalNotChargeable: Stripe charges no such amount.
    """
    items = tuple(items)
    currencies = {item.price.currency for item in items}
    if len(currencies) != 1:
        raise InvalidField("items", "must all be priced in one currency")
    total = Money(sum(item.price.amount_minor * item.quantity for item in items), currencies.pop())
    if not currency(total.currency).can_charge(total.amount_minor):
        raise TotalNotChargeable(total)
    return total


def snapshot(lines: Iterable[Line], reserved: Mapping[str, Item]) -> tuple[Item, ...]:
    """The reserved items of `lines`, by product id.

    Raises:
        PriceChanged: A price differs from what the shopper was shown.
    """
    lines = tuple(lines)
    changes = [
        PriceChange(line.product_id, item.title, line.expected_price, item.price)
        for line in lines
        if (item := reserved[line.product_id]).price != line.expected_price
        and line.expected_price is not None
    ]
    if changes:
        raise PriceChanged(changes)
    return tuple(reserved[line.product_id] for line in lines)

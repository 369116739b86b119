"""Why a call about orders is refused.

Refusal
├── OutOfStock             the catalog has less than was asked for
├── PriceChanged           a price is not what the shopper was shown
├── CartEmpty              there is nothing to order, and the key has no order
├── IdempotencyKeyReused   the key belongs to an order of other lines
├── TooManyUnpaidOrders    the account has as many orders unpaid as it may
├── TooManyUnpaidItems     its unpaid orders would hold more of a product than they may
├── TotalNotChargeable     Stripe charges no such amount
├── OrderNotCancellable    the order has ended, or is paid and the caller is no admin
└── OrderFailed            the catalog answered that it will never reserve for this order
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.currencies import Money, currency
from chassis.errors import Refusal


@dataclass(frozen=True)
class Shortage:
    """A line that asks for more than there is."""

    product_id: str
    title: str
    requested: int
    available: int


@dataclass(frozen=True)
class PriceChange:
    """A line whose price has changed."""

    product_id: str
    title: str
    expected: Money
    price: Money


class OutOfStock(Refusal):
    """The catalog has less than was asked for; `lines` names every shortage."""

    reason = "OUT_OF_STOCK"

    def __init__(self, lines: Sequence[Shortage]) -> None:
        # The words of the catalog and the cart; its detail may be missing in an answer.
        super().__init__(" ".join(map(_sentence, lines)) or "There is not enough left.")
        self.lines = tuple(lines)


class PriceChanged(Refusal):
    """A price is not what the shopper was shown; `lines` has both."""

    reason = "PRICE_CHANGED"

    def __init__(self, lines: Sequence[PriceChange]) -> None:
        names = ", ".join(line.title or line.product_id for line in lines)
        super().__init__(f"The price has changed of: {names}.")
        self.lines = tuple(lines)


class CartEmpty(Refusal):
    """The cart has no lines, and the client's key no order."""

    reason = "CART_EMPTY"


class IdempotencyKeyReused(Refusal):
    """The key belongs to an order of other lines."""

    reason = "IDEMPOTENCY_KEY_REUSED"


class TooManyUnpaidOrders(Refusal):
    """The account, or the network it is used from, has as many orders unpaid as it may."""

    reason = "TOO_MANY_UNPAID_ORDERS"

    def __init__(self, limit: int, *, of_network: bool = False) -> None:
        super().__init__(
            f"One network may have {limit} unpaid orders at a time: try again later."
            if of_network
            else f"An account may have {limit} unpaid orders at a time: "
            "pay or cancel one of them first."
        )
        self.limit = limit
        self.of_network = of_network


@dataclass(frozen=True)
class UnpaidItems:
    """A product of which the account's unpaid orders would hold too much."""

    product_id: str
    title: str
    requested: int
    held: int
    limit: int


class TooManyUnpaidItems(Refusal):
    """The account's unpaid orders would hold more of a product than they may; `lines` has which."""

    reason = "TOO_MANY_UNPAID_ITEMS"

    def __init__(self, lines: Sequence[UnpaidItems]) -> None:
        names = ", ".join(line.title or line.product_id for line in lines)
        super().__init__(
            f"Unpaid orders may hold at most {lines[0].limit} of a product together: {names}. "
            "Pay or cancel an order first, or order fewer."
        )
        self.lines = tuple(lines)


class TotalNotChargeable(Refusal):
    """Stripe does not charge so little, or so much, in this currency."""

    reason = "TOTAL_NOT_CHARGEABLE"

    def __init__(self, total: Money) -> None:
        limits = currency(total.currency)
        written = limits.written
        if total.amount_minor < limits.minimum:
            bound = f"the least that can be charged is {written(limits.minimum)}. Order more."
        elif total.amount_minor > limits.maximum:
            bound = f"the most that can be charged is {written(limits.maximum)}. Order less."
        else:
            bound = f"only multiples of {written(limits.step)} can be charged."
        super().__init__(f"The total is {written(total.amount_minor)}; {bound}")
        self.total = total

    @property
    def minimum(self) -> int:
        """The least that can be charged, in minor units."""
        return currency(self.total.currency).minimum

    @property
    def maximum(self) -> int:
        """The most that can be charged, in minor units."""
        return currency(self.total.currency).maximum


class OrderFailed(Refusal):
    """The catalog answered that it will never reserve for this order: an internal error."""

    reason = "INTERNAL"


class OrderNotCancellable(Refusal):
    """The order has ended, or is paid and the caller is no admin."""

    reason = "ORDER_NOT_CANCELLABLE"


def _sentence(line: Shortage) -> str:
    title = line.title or line.product_id
    if not line.available:
        return f"{title} is sold out."
    return f"Only {line.available} of {title} can be bought."

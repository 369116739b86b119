"""Why the cart refuses."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.currencies import Money
from chassis.errors import NotFound, Refusal


@dataclass(frozen=True)
class Shortage:
    """A line that asks for more than there is."""

    product_id: str
    title: str
    requested: int
    available: int


class OutOfStock(Refusal):
    """More was asked for than is available."""

    reason = "OUT_OF_STOCK"

    def __init__(self, lines: tuple[Shortage, ...]) -> None:
        super().__init__(" ".join(map(_sentence, lines)))
        self.lines = lines


class CartEmpty(Refusal):
    """Checking out a cart without lines."""

    reason = "CART_EMPTY"


@dataclass(frozen=True)
class PriceChange:
    """A line whose price differs from the one that was shown."""

    product_id: str
    title: str
    shown: Money
    price: Money


class PriceChanged(Refusal):
    """Prices differ from those that the shopper was shown."""

    reason = "PRICE_CHANGED"

    def __init__(self, message: str, lines: tuple[PriceChange, ...]) -> None:
        super().__init__(message)
        self.lines = lines

    @property
    def prices(self) -> Mapping[str, Money]:
        """The prices that hold, by product."""
        return {line.product_id: line.price for line in self.lines}


def no_such_product(product_id: str) -> NotFound:
    """The refusal that names a product that is not there, or not any more."""
    return NotFound(f"There is no product {product_id}.")


def _sentence(line: Shortage) -> str:
    title = line.title or "A product in the cart"
    if not line.available:
        return f"{title} is sold out."
    return f"Only {line.available} of {title} can be bought."

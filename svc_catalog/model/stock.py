"""What becomes of the stock that an order asked for: one small state machine an order and product.

    NONE ──reserve──▶ RESERVED ──sell──▶ SOLD
      │                 │    │            │ │
      └──release──▶ RELEASED ◀──release───┘ │
                          RESTOCKED ◀───────┘ restock (also from RESERVED and NONE)

Calls and events arrive late, twice and in any order, so each rule below says what its command
means in every state, and the same facts lead to the same stock whatever their order:

- An order that ended without being completed sold nothing. So `release` also undoes a sale: a
  payment that landed on the dead order may have been heard of first.
- A payment for a released order takes nothing; svc_payments gives the money back.
- A refund that restocks undoes a sale that it overtook, and whatever follows changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from chassis.errors import Refusal

# Tombstones kept per product, newest last. Reservations that come after their release are
# seconds late and redeliveries are minutes late: far fewer orders than this lie in between.
CLOSED_KEPT = 1000


class State(StrEnum):
    """Where an order stands with one product."""

    NONE = "none"
    RESERVED = "reserved"
    RELEASED = "released"
    SOLD = "sold"
    RESTOCKED = "restocked"


@dataclass(frozen=True)
class Standing:
    """Where an order stands with one product, and how many it is about."""

    state: State = State.NONE
    quantity: int = 0

    @property
    def closed(self) -> bool:
        """Whether a reservation for the order is refused."""
        return self.state not in {State.NONE, State.RESERVED}


NOTHING = Standing()


@dataclass(frozen=True)
class StockChange:
    """A step to another standing, and what it adds to the product's figures."""

    after: Standing
    quantity: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        """What it adds to the number that can be bought."""
        return self.quantity - self.reserved


def undo(before: Standing) -> StockChange | None:
    """Give a reservation back without closing the order; None where there is none."""
    if before.state is State.RESERVED:
        return StockChange(NOTHING, reserved=-before.quantity)
    return None


def release(before: Standing) -> StockChange | None:
    """End an order that was never completed; None where it had ended."""
    after = Standing(State.RELEASED, before.quantity)
    match before.state:
        case State.NONE:
            return StockChange(after)
        case State.RESERVED:
            return StockChange(after, reserved=-before.quantity)
        case State.SOLD:
            return StockChange(after, quantity=before.quantity)
        case _:
            return None


def sell(before: Standing) -> StockChange | None:
    """Take what a paid order holds; None where it holds nothing."""
    if before.state is State.RESERVED:
        sold = before.quantity
        return StockChange(Standing(State.SOLD, sold), quantity=-sold, reserved=-sold)
    return None


def restock(before: Standing, quantity: int) -> StockChange | None:
    """Put back what a completed order had taken; None where that was done or never taken.

    Args:
        before: Where the order stands.
        quantity: What it had bought, for an order so old that its tombstone is gone.
    """
    match before.state:
        case State.RESERVED:
            after = Standing(State.RESTOCKED, before.quantity)
            return StockChange(after, reserved=-before.quantity)
        case State.SOLD:
            after = Standing(State.RESTOCKED, before.quantity)
            return StockChange(after, quantity=before.quantity)
        case State.NONE:
            return StockChange(Standing(State.RESTOCKED, quantity), quantity=quantity)
        case _:
            return None


@dataclass(frozen=True)
class StockLine:
    """A number of one product."""

    product_id: str
    quantity: int


def summed(lines: Iterable[StockLine]) -> Mapping[str, int]:
    """Quantity by product; lines of the same product count together."""
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.product_id] = totals.get(line.product_id, 0) + line.quantity
    return totals


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


class ReservationClosed(Refusal):
    """The order's reservation was released or sold already."""

    reason = "RESERVATION_CLOSED"


def _sentence(line: Shortage) -> str:
    if not line.available:
        return f"{line.title} is sold out."
    return f"Only {line.available} of {line.title} can be bought."

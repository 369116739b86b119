"""What becomes of the stock that an order asked for: one small state machine an order and product.

    NONE ──reserve──▶ RESERVED ──release──▶ RELEASED ◀──release── SOLD
      │                  │  └──────sell──▶ SOLD ──restock──▶ RESTOCKED
      │                  └────────restock──▶ RESTOCKED
      └──sell──▶ SOLD, where that many are available; restock ──▶ RESTOCKED

Calls and events arrive late, twice and in any order, so each rule below says what its command
means in every state, and the same facts lead to the same stock whatever their order:

- An order that ended without being completed sold nothing. So `release` also undoes a sale: a
  payment that landed on the dead order may have been heard of first.
- An order that never held anything leaves no trace: it could not be distinguished from the many
  that are refused, and a call that reserves for it by mistake gives that back (see svc_orders, and
  `settle`).
- A payment for a released order takes nothing; svc_payments gives the money back.
- A payment for an order that holds nothing takes what is available, or fails: never in silence.
- A refund that restocks undoes a sale that it overtook, and whatever follows changes nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from chassis.errors import Refusal


class State(StrEnum):
    """What has become of the stock that an order asked for."""

    NONE = "none"
    RESERVED = "reserved"
    RELEASED = "released"
    SOLD = "sold"
    RESTOCKED = "restocked"


@dataclass(frozen=True)
class Reservation:
    """What has become of the stock of one product that an order asked for.

    Attributes:
        state: The state.
        quantity: How many it is about.
        token: While RESERVED: of the last call to which it was confirmed.
        step: How many steps have led to it; 0 where nothing was ever heard of the order.
        seen: The product's `moved` when this was read apart from it; None where the product has it.
    """

    state: State = State.NONE
    quantity: int = 0
    token: str = ""
    step: int = field(default=0, compare=False)
    seen: int | None = field(default=None, compare=False)

    @property
    def closed(self) -> bool:
        """Whether a reservation for the order is refused."""
        return self.state not in {State.NONE, State.RESERVED}


NOTHING = Reservation()


@dataclass(frozen=True)
class StockChange:
    """The next step of a reservation, and what it adds to the product's figures."""

    after: Reservation
    quantity: int = 0
    reserved: int = 0

    @property
    def available(self) -> int:
        """What it adds to the number that can be bought."""
        return self.quantity - self.reserved

    @property
    def is_visible(self) -> bool:
        """Whether it changes any of the figures."""
        return bool(self.quantity or self.reserved)


def hold(before: Reservation, quantity: int, token: str) -> StockChange | None:
    """Hold `quantity` for the call of `token`; what the order holds already passes to that call.

    None where the order has ended, or holds another quantity.
    """
    after = Reservation(State.RESERVED, quantity, token)
    if before.state is State.NONE:
        return StockChange(after, reserved=quantity)
    if before.state is State.RESERVED and before.quantity == quantity:
        return StockChange(after)
    return None


def undo(before: Reservation, token: str) -> StockChange | None:
    """Give back what the call of `token` holds, and leave the order open.

    None where it holds nothing: also where it has been confirmed to another call since.
    """
    if before.state is State.RESERVED and before.token == token:
        return StockChange(NOTHING, reserved=-before.quantity)
    return None


def release(before: Reservation) -> StockChange | None:
    """End an order that was never completed; None where it had ended or never held anything."""
    after = Reservation(State.RELEASED, before.quantity)
    match before.state:
        case State.RESERVED:
            return StockChange(after, reserved=-before.quantity)
        case State.SOLD:
            return StockChange(after, quantity=before.quantity)
        case _:
            return None


def sell(before: Reservation, quantity: int) -> StockChange | None:
    """Take what a paid order holds; None where it has ended.

    Args:
        before: The order's reservation.
        quantity: What it bought, for an order that holds nothing: it is taken from what is
            available.
    """
    match before.state:
        case State.RESERVED:
            sold = before.quantity
            return StockChange(Reservation(State.SOLD, sold), quantity=-sold, reserved=-sold)
        case State.NONE:
            return StockChange(Reservation(State.SOLD, quantity), quantity=-quantity)
        case _:
            return None


def restock(before: Reservation, quantity: int) -> StockChange | None:
    """Put back what a completed order had taken; None where that was done or never taken.

    Args:
        before: The order's reservation.
        quantity: What it had bought, for an order so old that its tombstone is gone.
    """
    match before.state:
        case State.RESERVED:
            after = Reservation(State.RESTOCKED, before.quantity)
            return StockChange(after, reserved=-before.quantity)
        case State.SOLD:
            after = Reservation(State.RESTOCKED, before.quantity)
            return StockChange(after, quantity=before.quantity)
        case State.NONE:
            return StockChange(Reservation(State.RESTOCKED, quantity), quantity=quantity)
        case _:
            return None


@dataclass(frozen=True)
class StockLine:
    """A number of one product."""

    product_id: str
    quantity: int


class OrderOutcome(StrEnum):
    """How an order ended, as the stock needs to know it."""

    OPEN = "open"
    SOLD = "sold"
    DEAD = "dead"


@dataclass(frozen=True)
class HeldLine:
    """What an order holds of one product."""

    order_id: str
    line: StockLine


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

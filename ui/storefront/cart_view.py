"""What the cart's page shows: lines that can be bought or not, and the order that waits."""

from collections.abc import Sequence
from dataclasses import dataclass

from ui.api.problems import Json


@dataclass(frozen=True)
class CartView:
    """A cart as its page shows it.

    Attributes:
        cart: As the API tells it.
        lines: Its items, each with how many of it are `left` for this shopper.
        waiting: The order of this cart that waits to be paid; None where there is none.
        quantity: How many pieces are in the lines that can be bought.
        subtotal: What these cost; None where there are none.
        problem: Why it cannot be ordered as it is, for people; empty where it can.
        is_ordered: The waiting order is of just what is in the cart.
    """

    cart: Json
    lines: Sequence[Json]
    waiting: Json | None
    quantity: int
    subtotal: Json | None
    problem: str
    is_ordered: bool


def cart_view(cart: Json, unpaid: Sequence[Json]) -> CartView:
    """The view of a cart, with the shopper's orders that wait to be paid.

    What the cart's own order has set aside is left for this shopper: ordering anew releases it.
    """
    waiting = next(
        (order for order in unpaid if cart["id"] and order["cartId"] == cart["id"]), None
    )
    held = _quantities(waiting["items"]) if waiting else {}
    lines = [
        {**item, "left": max(0, item["available"]) + held.get(item["productId"], 0)}
        for item in cart["items"]
    ]
    good = [line for line in lines if line["quantity"] <= line["left"]]
    amount = sum(line["subtotal"]["amountMinor"] for line in good)
    return CartView(
        cart,
        lines,
        waiting,
        quantity=sum(line["quantity"] for line in good),
        subtotal={**cart["subtotal"], "amountMinor": amount} if good and cart["subtotal"] else None,
        problem=_problem(len(lines) - len(good)),
        is_ordered=bool(lines) and held == _quantities(lines),
    )


def _problem(count: int) -> str:
    if not count:
        return ""
    what = "One product" if count == 1 else f"{count} products"
    return f"{what} in your cart cannot be bought as it stands. Change or remove it to check out."


def _quantities(items: Sequence[Json]) -> dict[str, int]:
    return {item["productId"]: item["quantity"] for item in items}

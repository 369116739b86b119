"""What the shop says in words: notices, states, refusals."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

SHOP_NAME = "Larch"

# Shown once on the page that follows; the code travels in a cookie, never the text.
NOTICES: Mapping[str, str] = {
    "added": "Added to your cart.",
    "cart-updated": "Your cart is up to date.",
    "removed": "Removed from your cart.",
    "welcome": "Welcome! Your account is ready.",
    "signed-in": "You are signed in.",
    "signed-out": "You are signed out.",
    "profile-saved": "Your details are saved.",
    "password-changed": "Your password is changed. Other devices are signed out.",
    "session-ended": "That device is signed out.",
    "order-cancelled": "The order is cancelled.",
    "refunded": "The money is on its way back.",
    "product-saved": "The product is saved.",
    "product-unchanged": "You changed nothing, so the product is as it was.",
    "product-deleted": "The product is taken out of the shop.",
    "user-block": "The account is blocked.",
    "user-unblock": "The account can sign in again.",
    "user-make-admin": "This person is an admin now.",
    "user-make-user": "This person is no admin any more.",
    "letter-replayed": "The event was handled, and the letter is gone.",
    "letters-replayed": "All of these events were handled, and the letters are gone.",
    "letter-dropped": "The event is given up.",
    "letters-dropped": "These events are given up.",
    "freed": "What was due is done.",
    "none-chosen": "Choose at least one letter first.",
}

ORDER_STATES: Mapping[str, str] = {
    "created": "Being prepared",
    "pending": "Waiting for payment",
    "completed": "Completed",
    "cancelled": "Cancelled",
}

PAYMENT_STATES: Mapping[str, str] = {
    "pending": "Waiting for Stripe",
    "requires_action": "Waiting for the shopper's bank",
    "succeeded": "Captured",
    "failed": "Failed",
    "refunded": "Refunded",
}

REFUND_STATES: Mapping[str, str] = {
    "pending": "On its way",
    "succeeded": "Refunded",
    "failed": "Failed",
}

REFUND_AMOUNT = "The amount to refund must be a number, such as 12.50."

# What an order or a payment waits for that is late.
STUCK_REASONS: Mapping[str, str] = {
    "reserving": "Its stock is to be reserved",
    "expiry": "Its time is over",
    "release": "Its stock is to be given back",
    "report": "Its end is to be reported",
    "charge": "Stripe has not said whether it is charged",
    "confirmation": "It was not confirmed in time, and Stripe has not ended it",
    "refund": "Stripe has not said whether the money went back",
    "refund_refused": "Stripe refuses to give the money back",
}

HAPPENINGS: Mapping[str, str] = {
    "order.created": "Ordered",
    "payment.created": "Paid",
    "payment.failed": "Payment failed",
    "payment.refunded": "Refunded",
    "order.completed": "Completed",
    "order.cancelled": "Cancelled",
}

REFUSALS: Mapping[str, str] = {
    "CARD_DECLINED": "Your card was declined.",
    "CART_EMPTY": "Your cart is empty, so there is nothing to order.",
    "EMAIL_TAKEN": "There is an account with this email already. Sign in instead?",
    "IDEMPOTENCY_KEY_REUSED": "This has changed in the meantime. Please look again, and go on.",
    "INVALID_CREDENTIALS": "Email or password is wrong.",
    "ORDER_NOT_CANCELLABLE": "This order cannot be cancelled any more.",
    "ORDER_NOT_PAYABLE": "This order cannot be paid: it is paid already, or was cancelled.",
    "OUT_OF_STOCK": "There is not enough left of what you asked for.",
    "OWN_ACCOUNT": "You cannot do this to your own account.",
    "PAYMENT_IN_PROGRESS": "A payment for this order is on its way. Please wait a moment.",
    "PRICE_CHANGED": "A price has changed since you saw it.",
    "REFUND_NOT_POSSIBLE": "This cannot be refunded: less is left, or Stripe refuses it.",
    "TOO_MANY_UNPAID_ITEMS": (
        "Your unpaid orders may not hold so many of this. Pay or cancel one of them, or take fewer."
    ),
    "TOO_MANY_UNPAID_ORDERS": (
        "You have as many unpaid orders as an account may have. Pay or cancel one of them first."
    ),
    "USER_BLOCKED": "This account is blocked. Please write to the shop.",
}

DECLINES: Mapping[str, str] = {
    "authentication_required": "Your bank wants you to confirm the payment. Please try again.",
    "card_velocity_exceeded": "The card has reached its limit. Another card may work.",
    "expired_card": "The card has expired. Please use another card.",
    "incorrect_cvc": "The security code does not fit the card. Please check it.",
    "insufficient_funds": "There is not enough money on the card. Another card may work.",
    "processing_error": "The bank could not process the card. Please try again in a moment.",
}
OTHER_DECLINE = "Your bank refused the card without saying why. Another card may work."

PAGES_OF_PROBLEMS: Mapping[int, tuple[str, str]] = {
    400: ("We did not understand that", "Something in the request is not as it should be."),
    403: ("This is not for you", "Your account may not see this page or do this."),
    404: ("There is nothing here", "The page has moved, or it never existed."),
    405: ("That does not work here", "This page cannot be used in this way."),
    409: ("That is not possible now", "It has changed in the meantime."),
    413: ("That is too much", "What you sent is larger than the shop can take."),
    429: ("A little slower, please", "There were many requests. Please try again shortly."),
    500: ("Something went wrong", "It is our fault, and it has been noted."),
    503: ("A part of the shop is resting", "Please try again in a moment."),
}


def notice(code: str) -> str:
    """The text of a notice; empty for an unknown code."""
    return NOTICES.get(code, "")


def order_state(status: str) -> str:
    """Where an order stands."""
    return ORDER_STATES.get(status, status)


def payment_state(status: str) -> str:
    """Where a payment stands."""
    return PAYMENT_STATES.get(status, status)


def refund_state(status: str) -> str:
    """Where a refund stands."""
    return REFUND_STATES.get(status, status)


def order_title(order: Mapping[str, Any]) -> str:
    """What an order is of, in a line: its first product, and how many others."""
    titles = [item["title"] for item in order["items"]]
    if not titles:
        return f"Order {order['number']}"
    first = Markup("<bdi>{}</bdi>").format(titles[0])
    return first + f" and {len(titles) - 1} more" if titles[1:] else first


def happening(kind: str) -> str:
    """What happened to an order."""
    return HAPPENINGS.get(kind, kind.replace(".", " ").capitalize())


def decline(code: str) -> str:
    """Why a card was declined, and what to do."""
    return DECLINES.get(code, OTHER_DECLINE)


def refusal(reason: str, detail: str) -> str:
    """Why the API refused."""
    return REFUSALS.get(reason) or detail


def failed_again(error: str) -> str:
    """That the event of a dead letter failed again."""
    return f"The event failed again: {error}"


def replayed(became: Mapping[str, Any]) -> str:
    """What became of some dead letters, of which not all were handled."""
    sentences = [f"{became['replayed']} handled, {became['failed']} failed again."]
    if became["left"]:
        sentences.append(f"For {became['left']} there was no time.")
    if became["unreachable"]:
        sentences.append(unreachable(became["unreachable"]))
    return " ".join(sentences)


def unreachable(services: list[str]) -> str:
    """That some services do not answer."""
    return f"No answer from {', '.join(services)}."


def stuck_reason(reason: str) -> str:
    """What an order or a payment waits for."""
    return STUCK_REASONS.get(reason, reason)


def check_state(state: str) -> str:
    """What a check of a process found."""
    return "OK" if state == "ok" else state


def card_not_sent(request_id: str) -> str:
    """That a card's form was not sent on."""
    return (
        "Your card could not be sent to Stripe. Nothing was charged; please try again in a moment. "
        f"If you write to us about this, please name {request_id}."
    )


def page_of_problem(status: int) -> tuple[str, str]:
    """Heading and sentence of the page for a status."""
    otherwise = PAGES_OF_PROBLEMS[500 if status >= 500 else 400]
    return PAGES_OF_PROBLEMS.get(status, otherwise)

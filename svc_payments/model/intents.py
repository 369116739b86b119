"""What Stripe says of a charge."""

from dataclasses import dataclass, field
from enum import StrEnum


class IntentStatus(StrEnum):
    """Where a PaymentIntent stands, as far as it matters here."""

    PROCESSING = "processing"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    # The card was refused. The holder of the client secret may try another one.
    DECLINED = "declined"
    CANCELED = "canceled"


class FailureKind(StrEnum):
    """Whose fault it is that no money was taken."""

    DECLINED = "declined"
    INVALID_CARD = "invalid_card"
    ORDER_ENDED = "order_ended"
    # Stripe refused how it was asked: the shop's code or account is wrong, not the card.
    INTEGRATION = "integration"


@dataclass(frozen=True)
class Failure:
    """Why no money was taken: for callers a code, for people a sentence."""

    kind: FailureKind
    code: str
    message: str


GIVEN_UP = Failure(
    FailureKind.DECLINED,
    "processing_error",
    "The payment could not be made; the card was not charged.",
)
ORDER_ENDED = Failure(
    FailureKind.ORDER_ENDED, "order_ended", "The order could not be paid any more."
)


@dataclass(frozen=True)
class Intent:
    """A PaymentIntent as it was when Stripe answered.

    Attributes:
        id: Stripe's.
        payment_id: The payment that it was made for; empty where it is not ours.
        client_secret: With it a browser confirms the intent.
        action_url: The bank's page, where there is one.
        failure: Why it did not succeed.
    """

    id: str
    status: IntentStatus
    payment_id: str = ""
    client_secret: str = field(default="", repr=False)
    action_url: str = ""
    failure: Failure = GIVEN_UP

"""Why a call about payments is refused.

Refusal
├── CardDeclined           the issuer said no, or the shopper did not confirm
├── OrderNotPayable        the order is not pending, or its time is over
├── PaymentInProgress      a payment of the order has not ended yet
├── IdempotencyKeyReused   the key belongs to another request
├── RefundNotPossible      nothing is left to give back, or Stripe refuses to
└── WebhookInvalid         it was not Stripe who sent this, or long ago
"""

from chassis.errors import Refusal


class CardDeclined(Refusal):
    """The issuer said no; `decline_code` is Stripe's, such as `insufficient_funds`."""

    reason = "CARD_DECLINED"

    def __init__(self, message: str, decline_code: str, payment_id: str) -> None:
        super().__init__(message)
        self.decline_code = decline_code
        self.payment_id = payment_id


class OrderNotPayable(Refusal):
    """The order is not pending, or its time is over."""

    reason = "ORDER_NOT_PAYABLE"


class PaymentInProgress(Refusal):
    """A payment of the order has not ended yet."""

    reason = "PAYMENT_IN_PROGRESS"


class IdempotencyKeyReused(Refusal):
    """The key belongs to another request."""

    reason = "IDEMPOTENCY_KEY_REUSED"


class RefundNotPossible(Refusal):
    """Nothing is left to give back, or Stripe refuses to."""

    reason = "REFUND_NOT_POSSIBLE"


class WebhookInvalid(Refusal):
    """Unsigned, wrongly signed, or older than the tolerance."""

    reason = "WEBHOOK_INVALID"

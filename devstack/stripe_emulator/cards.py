"""Stripe's test cards: one table of numbers, names and what happens when they are charged.

A row's name gives its token and its payment method: `visa` is `tok_visa` and `pm_card_visa`.
Source: https://docs.stripe.com/testing
"""

import hashlib
from dataclasses import dataclass
from enum import Enum

DECLINE_PREFIX = "chargeDeclined"


class Challenge(Enum):
    """When the issuer asks for 3-D Secure."""

    NEVER = "never"
    ON_REQUEST = "on_request"
    ON_SESSION = "on_session"
    ALWAYS = "always"


@dataclass(frozen=True)
class Decline:
    """Why an issuer refuses: Stripe's `code`, the issuer's `decline_code`, a text for people."""

    code: str
    decline_code: str
    message: str


@dataclass(frozen=True)
class TestCard:
    """A card that does the same thing every time."""

    __test__ = False  # pytest: the name is Stripe's, this is no test class

    number: str
    name: str
    brand: str = "visa"
    funding: str = "credit"
    decline: Decline | None = None
    challenge: Challenge = Challenge.NEVER
    settles_later: bool = False
    refunds_later: bool = False

    @property
    def fingerprint(self) -> str:
        """What stands for the number in every object; the number itself is never stored."""
        return fingerprint(self.number)


def fingerprint(number: str) -> str:
    """Sixteen characters that are the same for the same card number."""
    return hashlib.sha256(number.encode()).hexdigest()[:16]


DECLINED = "Your card was declined."
GENERIC = Decline("card_declined", "generic_decline", DECLINED)
POOR = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", DECLINED)
STOLEN = Decline("card_declined", "stolen_card", DECLINED)
FRAUD = Decline("card_declined", "fraudulent", DECLINED)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
BAD_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.")
BROKEN = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its "
    "amount limit.",
)
UNAUTHENTICATED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)

ALWAYS = Challenge.ALWAYS
ON_SESSION = Challenge.ON_SESSION

TEST_CARDS = (
    # Paid at once
    TestCard("4242424242424242", "visa"),
    TestCard("4000056655665556", "visa_debit", funding="debit"),
    TestCard("5555555555554444", "mastercard", "mastercard"),
    TestCard("5200828282828210", "mastercard_debit", "mastercard", "debit"),
    TestCard("5105105105105100", "mastercard_prepaid", "mastercard", "prepaid"),
    TestCard("378282246310005", "amex", "amex"),
    TestCard("6011111111111117", "discover", "discover"),
    TestCard("3056930009020004", "diners", "diners"),
    TestCard("3566002020360505", "jcb", "jcb"),
    TestCard("6200000000000005", "unionpay", "unionpay"),
    TestCard("4000000000003055", "threeDSecureOptional", challenge=Challenge.ON_REQUEST),
    # Declined
    TestCard("4000000000000002", "chargeDeclined", decline=GENERIC),
    TestCard("4000000000009995", "chargeDeclinedInsufficientFunds", decline=POOR),
    TestCard("4000000000009987", "chargeDeclinedLostCard", decline=LOST),
    TestCard("4000000000009979", "chargeDeclinedStolenCard", decline=STOLEN),
    TestCard("4000000000000069", "chargeDeclinedExpiredCard", decline=EXPIRED),
    TestCard("4000000000000127", "chargeDeclinedIncorrectCvc", decline=BAD_CVC),
    TestCard("4000000000000119", "chargeDeclinedProcessingError", decline=BROKEN),
    TestCard("4000000000006975", "chargeDeclinedVelocityLimitExceeded", decline=VELOCITY),
    TestCard("4100000000000019", "chargeDeclinedFraudulent", decline=FRAUD),
    # 3-D Secure, then paid
    TestCard("4000000000003220", "threeDSecure2Required", challenge=ALWAYS),
    TestCard("4000000000003063", "threeDSecureRequired", challenge=ALWAYS),
    TestCard("4000002500003155", "authenticationRequiredOnSetup", challenge=ALWAYS),
    TestCard("4000002760003184", "authenticationRequired", challenge=ALWAYS),
    TestCard("4000003800000446", "authenticationRequiredSetupForOffSession", challenge=ON_SESSION),
    # 3-D Secure, then declined
    TestCard(
        "4000008400001629", "threeDSecureRequiredChargeDeclined", decline=GENERIC, challenge=ALWAYS
    ),
    TestCard(
        "4000008260003178",
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        decline=POOR,
        challenge=ALWAYS,
    ),
    # Paid at once; a refund stays `pending` until POST /_emulator/refunds/{id}/succeeded or failed
    TestCard("4000000000007726", "pendingRefund", refunds_later=True),
    # The emulator's own: the intent stays `processing` until POST /_emulator/settle/{id}
    TestCard("4000000000006660", "processing", settles_later=True),
)

_BY_NAME = {card.name: card for card in TEST_CARDS}
_BY_FINGERPRINT = {card.fingerprint: card for card in TEST_CARDS}
_BY_NUMBER = {card.number: card for card in TEST_CARDS}


def named(identifier: str, prefix: str) -> TestCard | None:
    """The card behind Stripe's own name for it.

    Args:
        identifier: such as `tok_visa` or `pm_card_visa_chargeDeclined`; the `visa_` before a kind
            of decline may be left out.
        prefix: `tok_` or `pm_card_`.
    """
    if not identifier.startswith(prefix):
        return None
    name = identifier.removeprefix(prefix)
    if name.startswith(f"visa_{DECLINE_PREFIX}"):
        name = name.removeprefix("visa_")
    return _BY_NAME.get(name)


def numbered(number: str) -> TestCard | None:
    """The test card with this number."""
    return _BY_NUMBER.get(number)


def behaviour(card_fingerprint: str) -> TestCard:
    """The card behind an object's fingerprint. Only test cards ever get one (KeyError else)."""
    return _BY_FINGERPRINT[card_fingerprint]

"""The API's objects that show a card: tokens, payment methods, and a charge's details."""

from dataclasses import dataclass
from typing import Self

from .cards import TestCard
from .shapes import JsonObject, billing_details


@dataclass(frozen=True)
class CardFacts:
    """What every object that shows a card has to say about it."""

    brand: str
    funding: str
    last4: str
    fingerprint: str
    exp_month: int
    exp_year: int
    cvc_check: str | None = None

    @classmethod
    def of(cls, card: TestCard, exp_month: int, exp_year: int, cvc_check: str | None) -> Self:
        """The facts of a test card with the given expiry."""
        last4 = card.number[-4:]
        return cls(
            card.brand, card.funding, last4, card.fingerprint, exp_month, exp_year, cvc_check
        )

    @classmethod
    def read(cls, card: JsonObject) -> Self:
        """The facts back from a token's card or a payment method's."""
        shown = ("brand", "funding", "last4", "fingerprint", "exp_month", "exp_year")
        cvc_check = card["checks"]["cvc_check"] if "checks" in card else card["cvc_check"]
        return cls(**{name: card[name] for name in shown}, cvc_check=cvc_check)

    def fields(self) -> JsonObject:
        """The fields that all kinds of card objects share."""
        return {
            "brand": self.brand,
            "country": "US",
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "fingerprint": self.fingerprint,
            "funding": self.funding,
            "last4": self.last4,
            "regulated_status": "unregulated",
        }

    def checks(self) -> JsonObject:
        """The outcome of the address and security code checks."""
        return {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": self.cvc_check,
        }


def card_object(card_id: str, facts: CardFacts, holder: str | None) -> JsonObject:
    """The `card` inside a token, and the `source` of a legacy charge."""
    parts = ("city", "country", "line1", "line1_check", "line2", "state", "zip", "zip_check")
    return {
        "id": card_id,
        "object": "card",
        **facts.fields(),
        **{f"address_{part}": None for part in parts},
        "allow_redisplay": "unspecified",
        "customer": None,
        "cvc_check": facts.cvc_check,
        "dynamic_last4": None,
        "metadata": {},
        "name": holder,
        "networks": {"preferred": None},
        "tokenization_method": None,
    }


def token(token_id: str, card: JsonObject, created: int) -> JsonObject:
    """A single-use stand-in for a card."""
    return {
        "id": token_id,
        "object": "token",
        "card": card,
        "client_ip": None,
        "created": created,
        "livemode": False,
        "type": "card",
        "used": False,
    }


def payment_method(method_id: str, facts: CardFacts, created: int) -> JsonObject:
    """A card that PaymentIntents can be confirmed with."""
    return {
        "id": method_id,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": billing_details(),
        "card": {
            **facts.fields(),
            "checks": facts.checks(),
            "display_brand": facts.brand,
            "generated_from": None,
            "networks": {"available": [facts.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        "created": created,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def charged_card(facts: CardFacts, amount: int) -> JsonObject:
    """The card as a charge shows it."""
    return {
        **facts.fields(),
        "amount_authorized": amount,
        "checks": facts.checks(),
        "installments": None,
        "mandate": None,
        "network": facts.brand,
        "network_token": {"used": False},
        "three_d_secure": None,
        "wallet": None,
    }

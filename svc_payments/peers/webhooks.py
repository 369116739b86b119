"""Deliveries of Stripe's, verified."""

import json
from typing import Any

import stripe

from svc_payments.model.refusals import WebhookInvalid
from svc_payments.usecases.ports import Notice

TOLERANCE_SECONDS = 300
# What reading raises where the text is something else than an event about an object.
NO_EVENT = (ValueError, KeyError, TypeError, AttributeError)


class StripeWebhooks:
    """Tells Stripe's deliveries from others.

    Args:
        secret: Of the endpoint, `whsec_...`.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def verified(self, payload: bytes, signature: str) -> Notice | None:
        """What the delivery is about; None where it is about no intent.

        Raises:
            WebhookInvalid: Unsigned, wrongly signed, older than five minutes, or no event.
        """
        try:
            text = payload.decode()
            stripe.WebhookSignature.verify_header(text, signature, self._secret, TOLERANCE_SECONDS)
            event = json.loads(text)
            return _notice(event["id"], event["data"]["object"])
        except (*NO_EVENT, stripe.SignatureVerificationError) as error:
            raise WebhookInvalid("The signature is not Stripe's, or too old.") from error


def _notice(event_id: str, about: dict[str, Any]) -> Notice | None:
    payment_id = (about.get("metadata") or {}).get("payment_id", "")
    if about["object"] == "payment_intent":
        return Notice(event_id, about["id"], payment_id)
    intent_id = about.get("payment_intent")
    return Notice(event_id, intent_id, payment_id) if isinstance(intent_id, str) else None

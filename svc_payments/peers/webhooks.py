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
            return _notice(event["id"], event["type"], event["data"]["object"])
        except (*NO_EVENT, stripe.SignatureVerificationError) as error:
            raise WebhookInvalid("The signature is not Stripe's, or too old.") from error


def _notice(event_id: str, event_type: str, about: dict[str, Any]) -> Notice | None:
    is_intent = about["object"] == "payment_intent"
    intent_id = about["id"] if is_intent else about.get("payment_intent")
    if not isinstance(intent_id, str):
        return None
    payment_id = (about.get("metadata") or {}).get("payment_id", "")
    # `refund.created`, `.updated` and `.failed`, `charge.refunded`, `charge.refund.updated`: which
    # of them come depends on how the endpoint was set up, and any one of them will do.
    return Notice(event_id, intent_id, payment_id, is_about_refunds="refund" in event_type)

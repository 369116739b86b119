"""Deliveries of Stripe's, verified."""

import re
from typing import Any, TypeGuard

import orjson

from svc_payments.model.refusals import WebhookInvalid
from svc_payments.peers.stripe_library import stripe
from svc_payments.usecases.ports import WebhookEvent

TOLERANCE_SECONDS = 300
# What ids of Stripe and of ours look like; nothing else is looked for, here or at Stripe.
ID = re.compile(r"[A-Za-z0-9_]{1,255}", re.ASCII)
# What reading raises where the text is something else than an event about an object.
NO_EVENT = (ValueError, KeyError, TypeError, AttributeError)


class StripeWebhooks:
    """Tells Stripe's deliveries from others.

    Args:
        secret: Of the endpoint, `whsec_...`.
    """

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def verified(self, payload: bytes, signature: str) -> WebhookEvent | None:
        """What the delivery is about; None where it is about no intent.

        Raises:
            WebhookInvalid: Unsigned, wrongly signed, older than five minutes, or no event.
        """
        try:
            text = payload.decode()
            stripe.WebhookSignature.verify_header(text, signature, self._secret, TOLERANCE_SECONDS)
            event = orjson.loads(payload)
            return _event_of(event["id"], event["type"], event["data"]["object"])
        except (*NO_EVENT, stripe.SignatureVerificationError) as error:
            raise WebhookInvalid("The signature is not Stripe's, or too old.") from error


def _event_of(event_id: Any, event_type: str, about: dict[str, Any]) -> WebhookEvent | None:
    if not _is_id(event_id):
        raise ValueError("the event has no id")
    is_intent = about["object"] == "payment_intent"
    intent_id = about["id"] if is_intent else about.get("payment_intent")
    if not _is_id(intent_id):
        return None
    payment_id = (about.get("metadata") or {}).get("payment_id")
    # `refund.created`, `.updated` and `.failed`, `charge.refunded`, `charge.refund.updated`: which
    # of them come depends on how the endpoint was set up, and any one of them will do.
    return WebhookEvent(
        event_id,
        intent_id,
        payment_id if _is_id(payment_id) else "",
        is_about_refunds="refund" in event_type,
    )


def _is_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and ID.fullmatch(value) is not None

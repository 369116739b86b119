"""Which deliveries are Stripe's."""

import json
import time
from typing import Any

import pytest
import stripe

from svc_payments.model.refusals import WebhookInvalid
from svc_payments.peers.webhooks import TOLERANCE_SECONDS, StripeWebhooks
from svc_payments.usecases.ports import WebhookEvent

SECRET = "whsec_test"
INTENT = {"id": "pi_1", "object": "payment_intent", "metadata": {"payment_id": "p1"}}


def body(about: Any, event_type: str = "any") -> bytes:
    event = {"id": "evt_1", "object": "event", "type": event_type, "data": {"object": about}}
    return json.dumps(event).encode()


def signed(payload: bytes, *, secret: str = SECRET, age: int = 0) -> str:
    header: str = stripe.WebhookSignature.generate_signature_header(
        payload.decode(), secret, timestamp=int(time.time()) - age
    )
    return header


def verified(payload: bytes, signature: str) -> WebhookEvent | None:
    return StripeWebhooks(SECRET).verified(payload, signature)


def test_a_delivery_about_an_intent() -> None:
    assert verified(body(INTENT), signed(body(INTENT))) == WebhookEvent(
        "evt_1", "pi_1", "p1", is_about_refunds=False
    )
    bare = body({"id": "pi_1", "object": "payment_intent", "metadata": None})
    assert verified(bare, signed(bare)) == WebhookEvent("evt_1", "pi_1", "", is_about_refunds=False)


def test_a_delivery_about_a_charge_is_about_its_intent() -> None:
    charge = body({"id": "ch_1", "object": "charge", "payment_intent": "pi_1"})
    assert verified(charge, signed(charge)) == WebhookEvent(
        "evt_1", "pi_1", "", is_about_refunds=False
    )


@pytest.mark.parametrize(
    ("event_type", "kind"),
    [
        ("refund.created", "refund"),
        ("refund.updated", "refund"),
        ("refund.failed", "refund"),
        ("charge.refund.updated", "refund"),
        ("charge.refunded", "charge"),
    ],
)
def test_a_delivery_about_a_refund(event_type: str, kind: str) -> None:
    about = body({"id": "x_1", "object": kind, "payment_intent": "pi_1"}, event_type)
    assert verified(about, signed(about)) == WebhookEvent(
        "evt_1", "pi_1", "", is_about_refunds=True
    )


def test_a_delivery_about_something_else_is_about_nothing() -> None:
    for about in (
        {"id": "cus_1", "object": "customer"},
        {"id": "ch_1", "object": "charge", "payment_intent": None},
    ):
        assert verified(body(about), signed(body(about))) is None


def test_what_is_no_id_is_not_looked_for() -> None:
    odd = body({"id": "pi_1\n", "object": "payment_intent"})
    assert verified(odd, signed(odd)) is None
    for payment_id in ({"$gt": ""}, "p 1", 7, None):
        about = body({**INTENT, "metadata": {"payment_id": payment_id}})
        assert verified(about, signed(about)) == WebhookEvent(
            "evt_1", "pi_1", "", is_about_refunds=False
        )


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "nonsense",
        "t=1",
        "t=x,v1=y",
        signed(body(INTENT), secret="whsec_other"),
        signed(body({"id": "pi_2", "object": "payment_intent"})),
        signed(body(INTENT), age=TOLERANCE_SECONDS + 5),
    ],
    ids=["none", "nonsense", "half", "no time", "other secret", "other body", "stale"],
)
def test_what_is_not_stripes(signature: str) -> None:
    with pytest.raises(WebhookInvalid):
        verified(body(INTENT), signature)


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"[]", b"{}", b'"text"', b'{"id": "e", "data": 1}', body("text")),
        b"[" * 100_000,
        body(INTENT).replace(b"evt_1", rb"\ud800"),
        body(INTENT).replace(b'"evt_1"', b"1"),
        body(INTENT).replace(b"evt_1", b"evt 1"),
        body(INTENT).replace(b"evt_1", b"e" * 256),
        body(INTENT).replace(b'{"payment_id": "p1"}', b'"p1"'),
        body(INTENT).replace(b'"any"', b"1"),
    ],
    ids=range(13),
)
def test_what_is_signed_and_no_event(payload: bytes) -> None:
    with pytest.raises(WebhookInvalid):
        verified(payload, signed(payload))


def test_what_is_no_text() -> None:
    with pytest.raises(WebhookInvalid):
        verified(b"\xff\xfe", "t=1,v1=x")

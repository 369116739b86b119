import pytest

from svc_payments.model.refunds import RefundStatus
from svc_payments.peers.stripe_objects import amount_minor_of, read_refund, stripe_amount


@pytest.mark.parametrize(
    ("code", "ours", "stripes"),
    [("USD", 1999, 1999), ("JPY", 500, 500), ("KWD", 5120, 5120)]
    + [(code, 500, 50000) for code in ("ISK", "UGX")],
)
def test_an_amount_goes_to_stripe_and_back(code: str, ours: int, stripes: int) -> None:
    assert stripe_amount(ours, code) == stripes
    assert amount_minor_of(stripes, code.lower()) == ours


def test_a_refund_of_500_isk_is_50000_at_stripe() -> None:
    made = read_refund({"id": "re_1", "amount": 50000, "currency": "isk", "status": "succeeded"})
    assert (made.amount_minor, made.status) == (500, RefundStatus.SUCCEEDED)

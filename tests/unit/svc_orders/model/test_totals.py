"""Totals that can be charged, and those that are refused before anything is reserved."""

import pytest

from chassis.currencies import Money
from svc_orders.model.lines import Item, total_of
from svc_orders.model.refusals import TotalNotChargeable
from svc_orders.store.documents import refusal_document, refusal_of


def items(amount: int, currency: str, quantity: int = 1) -> list[Item]:
    return [Item("p", "Lamp", Money(amount, currency), quantity)]


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(50, "USD"), (99_999_999, "USD"), (50, "JPY"), (1, "ISK"), (999_999, "ISK"), (5120, "KWD")],
)
def test_what_stripe_charges_is_a_total(amount: int, currency: str) -> None:
    assert total_of(items(amount, currency)) == Money(amount, currency)


def test_several_of_what_is_too_cheap_alone_can_be_ordered() -> None:
    assert total_of(items(10, "USD", 5)) == Money(50, "USD")


@pytest.mark.parametrize(
    ("amount", "currency", "message"),
    [
        (49, "USD", "The total is $0.49; the least that can be charged is $0.50. Order more."),
        (
            100_000_000,
            "USD",
            "The total is $1,000,000.00; the most that can be charged is $999,999.99. Order less.",
        ),
        (49, "JPY", "The total is ¥49; the least that can be charged is ¥50. Order more."),
        (5125, "KWD", "The total is 5.125 KWD; only multiples of 0.010 KWD can be charged."),
        (
            1_000_000,
            "ISK",
            "The total is 1,000,000 ISK; the most that can be charged is 999,999 ISK. Order less.",
        ),
    ],
)
def test_what_stripe_does_not_charge_is_refused_with_the_bound(
    amount: int, currency: str, message: str
) -> None:
    with pytest.raises(TotalNotChargeable) as refused:
        total_of(items(amount, currency))
    assert refused.value.message == message
    kept = refusal_of(refusal_document(refused.value))
    assert isinstance(kept, TotalNotChargeable)
    assert (kept.total, kept.message) == (Money(amount, currency), message)

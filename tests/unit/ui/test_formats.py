import pytest

from ui.rendering.formats import long_time, minor_units, money, short_date, typed_money


@pytest.mark.parametrize(
    ("amount_minor", "currency", "shown"),
    [
        (1999, "USD", "$19.99"),
        (5, "USD", "$0.05"),
        (123_456_789, "EUR", "€1,234,567.89"),
        (500, "JPY", "¥500"),
        (1500, "KWD", "1.500 KWD"),
        (99_999_999_999, "SEK", "999,999,999.99 SEK"),
    ],
)
def test_money(amount_minor: int, currency: str, shown: str) -> None:
    assert money({"amountMinor": amount_minor, "currency": currency}) == shown


@pytest.mark.parametrize(
    ("typed", "currency", "amount_minor"),
    [
        ("25", "USD", 2500),
        ("25.5", "USD", 2550),
        (" 0,05 ", "EUR", 5),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
        ("1,234", "KWD", 1234),
        ("1,234.500", "KWD", 1234500),
        ("1,299.00", "USD", 129900),
        ("1,299", "USD", 129900),
        ("1.299,00", "EUR", 129900),
        ("1 299,00", "EUR", 129900),
        ("1'299.00", "CHF", 129900),
        ("1,234,567.8", "USD", 123456780),
        ("1,299", "JPY", 1299),
    ],
)
def test_typed_amounts(typed: str, currency: str, amount_minor: int) -> None:
    assert minor_units(typed, currency) == amount_minor


@pytest.mark.parametrize(
    "typed", ["", "-1", "1.234", "1e5", "1,00,000", "1,299,00", "12,99.00", "٣", "NaN", "9" * 12]
)
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        minor_units(typed, "USD")


def test_a_form_shows_what_it_reads() -> None:
    assert typed_money({"amountMinor": 4950, "currency": "USD"}) == "49.50"
    assert typed_money({"amountMinor": 500, "currency": "JPY"}) == "500"


def test_times() -> None:
    assert long_time("2026-11-03T09:05:00.123456789Z") == "3 November 2026, 09:05 UTC"
    assert long_time("2026-11-03T23:30:00-02:00") == "4 November 2026, 01:30 UTC"
    assert short_date("2026-11-03T09:05:00Z") == "3 Nov 2026"

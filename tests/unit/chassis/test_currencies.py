import pytest

from chassis.currencies import CURRENCIES, MAXIMUM_AMOUNT, Currency, currency

WHOLE = ("BIF", "DJF", "GNF", "KMF", "MGA", "PYG", "RWF", "VUV", "XPF")


@pytest.mark.parametrize(
    ("code", "amount", "written"),
    [
        ("USD", 101999, "$1,019.99"),
        ("CHF", 1250, "12.50 CHF"),
        ("JPY", 5500, "¥5,500"),
        ("KWD", 12340, "12.340 KWD"),
        ("ISK", 500, "500 ISK"),
        ("HUF", 17500, "175.00 HUF"),
        *(
            (code, 1500, f"1,500 {code}")
            for code in ["BIF", "DJF", "GNF", "KMF", "MGA", "PYG", "RWF", "VUV", "XPF"]
        ),
    ],
)
def test_an_amount_is_written_in_the_form_of_its_currency(
    code: str, amount: int, written: str
) -> None:
    assert currency(code).written(amount) == written


@pytest.mark.parametrize("known", CURRENCIES.values(), ids=CURRENCIES.keys())
def test_what_can_be_charged_of_a_currency(known: Currency) -> None:
    assert 0 < known.minimum < known.maximum <= MAXIMUM_AMOUNT
    assert known.minimum % known.step == known.maximum % known.step == 0


@pytest.mark.parametrize(
    ("least", "codes"),
    [
        (30, "GBP"),
        (50, "ARS AUD BRL CAD CHF COP EUR IDR ILS INR JPY KRW NZD PHP RUB SGD USD ZAR"),
        (200, "AED MYR PLN RON"),
        (250, "DKK"),
        (300, "NOK SEK"),
        (400, "HKD"),
        (1000, "MXN THB"),
        (1500, "CZK"),
        (17500, "HUF"),
    ],
)
def test_the_least_that_stripe_charges(least: int, codes: str) -> None:
    assert {code: currency(code).minimum for code in codes.split()} == dict.fromkeys(
        codes.split(), least
    )


@pytest.mark.parametrize(
    ("code", "digits"),
    [("USD", 8), ("INR", 9), ("COP", 10), ("HUF", 10), ("JPY", 10), ("LBP", 11)],
)
def test_the_most_that_stripe_charges(code: str, digits: int) -> None:
    assert currency(code).maximum == 10**digits - 1


def test_limits_are_in_the_unit_of_the_api() -> None:
    assert currency("USD").maximum == 99_999_999
    assert currency("ISK").maximum == 999_999
    assert (currency("KWD").step, currency("KWD").maximum) == (10, 99_999_990)

"""The currencies that the shop can sell in, which are Stripe's: the only table of them.

An amount in the API is a whole number of the currency's smallest unit that can be charged: cents of
USD, yen of JPY, fils of KWD. This is ISO 4217's minor unit, but for MGA: its fifths are not
charged.
What Stripe wants instead of that for ISK and UGX is `stripe_factor`.
See https://docs.stripe.com/currencies.
"""

from dataclasses import dataclass

# fmt: off
_CODES = (
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BRL", "BSD", "BWP", "BYN", "BZD", "CAD", "CDF",
    "CHF", "CLP", "CNY", "COP", "CRC", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ETB",
    "EUR", "FJD", "FKP", "GBP", "GEL", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG",
    "HUF", "IDR", "ILS", "INR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KRW",
    "KWD", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK",
    "MNT", "MOP", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR",
    "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON", "RSD", "RUB",
    "RWF", "SAR", "SBD", "SCR", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD", "STD", "SZL", "THB",
    "TJS", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH", "UGX", "USD", "UYU", "UZS", "VND",
    "VUV", "WST", "XAF", "XCD", "XCG", "XOF", "XPF", "YER", "ZAR", "ZMW",
)
# fmt: on
_WHOLE = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW MGA PYG RWF UGX VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
_THOUSANDTHS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# Whole, yet Stripe keeps taking them in hundredths.
_HUNDREDTHS_AT_STRIPE = frozenset({"ISK", "UGX"})
_SYMBOLS = {"EUR": "€", "GBP": "£", "JPY": "¥", "USD": "$"}

# The least that Stripe charges. Where it names none, that depends on the rate of exchange. BGN is
# no longer among those that it names.
_MINIMUM = {
    "AED": 200, "ARS": 50, "AUD": 50, "BGN": 100, "BRL": 50, "CAD": 50, "CHF": 50, "COP": 50,
    "CZK": 1500, "DKK": 250, "EUR": 50, "GBP": 30, "HKD": 400, "HUF": 17500, "IDR": 50, "ILS": 50,
    "INR": 50, "JPY": 50, "KRW": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50, "PHP": 50,
    "PLN": 200, "RON": 200, "RUB": 50, "SEK": 300, "SGD": 50, "THB": 1000, "USD": 50, "ZAR": 50,
}  # fmt: skip
# How many digits an amount may have at Stripe, where that is not eight. Most cards take more; eight
# is what the reference of PaymentIntents promises of every currency, and cards of every kind take.
_DIGITS = {"COP": 10, "HUF": 10, "IDR": 12, "INR": 9, "JPY": 10, "LBP": 11}
_USUAL_DIGITS = 8
# What a Money of the API holds.
MAXIMUM_AMOUNT = 99_999_999_999


@dataclass(frozen=True)
class Money:
    """An amount in minor units of an ISO 4217 currency, which `currency` has the code of."""

    amount_minor: int
    currency: str

    def times(self, quantity: int) -> "Money":
        """This amount `quantity` times."""
        return Money(self.amount_minor * quantity, self.currency)


@dataclass(frozen=True)
class Currency:
    """What is to know of a currency.

    Attributes:
        code: ISO 4217, in capitals.
        decimals: How many decimal places an amount is written with.
        symbol: Its sign; empty where the code stands for it.
        minimum: The least that can be charged, in the API's unit.
        maximum: The most that can be charged, in the API's unit.
        step: What each amount must be a multiple of, in the API's unit.
        stripe_factor: How many of Stripe's units are one of the API's.
    """

    code: str
    decimals: int = 2
    symbol: str = ""
    minimum: int = 1
    maximum: int = 10**_USUAL_DIGITS - 1
    step: int = 1
    stripe_factor: int = 1

    def can_charge(self, amount: int) -> bool:
        """Whether Stripe charges this amount."""
        return self.minimum <= amount <= self.maximum and amount % self.step == 0

    def written(self, amount: int) -> str:
        """Such as `$1,019.99`, or `12.50 CHF` where the currency has no sign of its own."""
        whole, fraction = divmod(amount, 10**self.decimals)
        number = f"{whole:,}.{fraction:0{self.decimals}}" if self.decimals else f"{whole:,}"
        return f"{self.symbol}{number}" if self.symbol else f"{number} {self.code}"


def currency(code: str) -> Currency:
    """The currency of that code; one that Stripe does not charge is taken for a usual one."""
    return CURRENCIES.get(code) or Currency(code)


def _entry(code: str) -> Currency:
    decimals = 0 if code in _WHOLE else 3 if code in _THOUSANDTHS else 2
    factor = 100 if code in _HUNDREDTHS_AT_STRIPE else 1
    step = 10 if code in _THOUSANDTHS else 1
    most = min((10 ** _DIGITS.get(code, _USUAL_DIGITS) - 1) // factor, MAXIMUM_AMOUNT)
    return Currency(
        code=code,
        decimals=decimals,
        symbol=_SYMBOLS.get(code, ""),
        minimum=_MINIMUM.get(code, step),
        maximum=most - most % step,
        step=step,
        stripe_factor=factor,
    )


CURRENCIES = {code: _entry(code) for code in _CODES}

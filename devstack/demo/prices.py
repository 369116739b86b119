"""What the demo products cost in any currency: round amounts that can be charged."""

from decimal import Decimal

from chassis.currencies import currency

# About how many of a currency are one USD; those that are not here are taken for one each.
_PER_USD = {
    "AED": 4, "AFN": 70, "ALL": 90, "AMD": 400, "AOA": 900, "ARS": 1000, "BDT": 120, "BHD": 0.4,
    "BIF": 2900, "BOB": 7, "BRL": 5, "BWP": 13, "BYN": 3, "CDF": 2800, "CLP": 950, "CNY": 7,
    "COP": 4000, "CRC": 500, "CVE": 100, "CZK": 23, "DJF": 180, "DKK": 7, "DOP": 60, "DZD": 130,
    "EGP": 50, "ETB": 120, "GMD": 70, "GNF": 8600, "GTQ": 8, "GYD": 200, "HKD": 8, "HNL": 25,
    "HTG": 130, "HUF": 360, "IDR": 16000, "ILS": 4, "INR": 85, "ISK": 130, "JMD": 160, "JOD": 0.7,
    "JPY": 150, "KES": 130, "KGS": 87, "KHR": 4000, "KMF": 450, "KRW": 1300, "KWD": 0.3,
    "KZT": 500, "LAK": 21000, "LBP": 89000, "LKR": 300, "LRD": 190, "LSL": 18, "MAD": 10,
    "MDL": 18, "MGA": 4500, "MKD": 57, "MMK": 2100, "MNT": 3400, "MOP": 8, "MUR": 45, "MVR": 15,
    "MWK": 1700, "MXN": 18, "MYR": 4, "MZN": 64, "NAD": 18, "NGN": 1500, "NIO": 37, "NOK": 11,
    "NPR": 135, "OMR": 0.4, "PEN": 4, "PGK": 4, "PHP": 57, "PKR": 280, "PLN": 4, "PYG": 7500,
    "QAR": 4, "RON": 5, "RSD": 108, "RUB": 90, "RWF": 1400, "SAR": 4, "SBD": 8, "SCR": 14,
    "SEK": 11, "SLE": 22, "SOS": 570, "SRD": 35, "STD": 22000, "SZL": 18, "THB": 34, "TJS": 11,
    "TND": 3, "TRY": 35, "TTD": 7, "TWD": 32, "TZS": 2600, "UAH": 41, "UGX": 3700, "UYU": 42,
    "UZS": 12500, "VND": 25000, "VUV": 120, "WST": 3, "XAF": 600, "XOF": 600, "XPF": 110,
    "YER": 250, "ZAR": 18, "ZMW": 26,
}  # fmt: skip
# So many USD must be chargeable at once, or the products are cheaper than they would be.
_ORDER_USD = 4000
_SIGNIFICANT = 3


def price_in(code: str, cents: int) -> int:
    """A price of so many US cents in minor units of a currency, rounded to three digits."""
    known = currency(code)
    unit: int = 10**known.decimals
    rate = min(Decimal(str(_PER_USD.get(code, 1))), Decimal(known.maximum) / unit / _ORDER_USD)
    if rate == 1:
        return cents * unit // 100
    amount = Decimal(cents) / 100 * rate * unit
    rounded = amount.quantize(Decimal(1).scaleb(amount.adjusted() - _SIGNIFICANT + 1))
    whole = max(int(rounded), known.minimum)
    return whole - whole % known.step

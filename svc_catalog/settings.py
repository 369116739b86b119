"""The catalog's settings."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

import snowballstemmer

from chassis.settings.environment import ServiceSettings
from chassis.settings.types import Address, CurrencyCode, WebUrl


def _language(raw: str) -> str:
    if raw not in snowballstemmer.algorithms():
        raise ValueError(raw)
    return raw


SearchLanguage = Annotated[str, (f"one of {', '.join(snowballstemmer.algorithms())}", _language)]


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What the catalog needs besides what every service does."""

    # Address of the orders service.
    orders_url: Address
    # For how long a pending order waits to be paid, as the orders service has it.
    order_lifetime: timedelta = timedelta(minutes=15)
    # How much older than that a reservation is when the orders are asked what became of it.
    reservation_grace: timedelta = timedelta(minutes=5)
    # The S3 server of the pictures, such as http://minio:9000.
    s3_url: WebUrl
    # Its account, which may make the bucket and write to it.
    s3_access_key: str
    # The account's secret.
    s3_secret_key: str = field(repr=False)
    # The bucket of the pictures; made when the first one comes.
    s3_bucket: str = "shop"
    # The currency that everything is sold in, ISO 4217.
    currency: CurrencyCode = "USD"
    # The language of search words in Latin letters, for their plurals and other forms.
    search_language: SearchLanguage = "english"


def other_currency(wanted: str, there: str) -> str:
    """The line that says why the catalog does not start: its prices are in another currency."""
    return (
        f"CURRENCY is {wanted}, but the products that are there are priced in {there}: "
        f"set CURRENCY={there}, or begin with empty databases (of `up`: another --data)"
    )

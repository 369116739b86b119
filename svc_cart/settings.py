"""The cart's settings."""

from dataclasses import dataclass

from chassis.setting_types import Address, CurrencyCode
from chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What the cart needs besides what every service does."""

    # Address of svc_catalog.
    catalog_url: Address
    # Address of svc_orders.
    orders_url: Address
    # The currency that everything is sold in, ISO 4217.
    currency: CurrencyCode = "USD"

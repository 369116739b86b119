"""The cart's settings."""

from dataclasses import dataclass

from chassis.settings.environment import ServiceSettings
from chassis.settings.types import Address, CurrencyCode


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What the cart needs besides what every service does."""

    # Address of svc_catalog.
    catalog_url: Address
    # Address of svc_orders.
    orders_url: Address
    # The currency that everything is sold in, ISO 4217.
    currency: CurrencyCode = "USD"

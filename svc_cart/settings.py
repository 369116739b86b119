"""The cart's settings."""

from dataclasses import dataclass

from chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What the cart needs besides what every service does."""

    # Address (host:port) of svc_catalog.
    catalog_url: str
    # Address (host:port) of svc_orders.
    orders_url: str
    # The currency that everything is sold in, ISO 4217.
    currency: str = "USD"

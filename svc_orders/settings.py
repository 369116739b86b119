"""The settings of the orders service."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What orders need besides what every service does."""

    # Address (host:port) of the catalog.
    catalog_url: str
    # For how long a pending order waits to be paid.
    order_lifetime: timedelta = timedelta(minutes=15)

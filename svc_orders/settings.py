"""The settings of the orders service."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.settings.environment import ServiceSettings
from chassis.settings.types import Address, Count


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What orders need besides what every service does."""

    # Address of the catalog.
    catalog_url: Address
    # Address of the payments.
    payments_url: Address
    # For how long a pending order waits to be paid.
    order_lifetime: timedelta = timedelta(minutes=15)
    # How many orders one account may have unpaid at a time.
    unpaid_orders: Count = 20
    # How many of one product the unpaid orders of one account may hold together.
    unpaid_items: Count = 99
    # The same for all orders that came from one network; 0 orders: not limited.
    unpaid_orders_of_network: int = 500
    unpaid_items_of_network: Count = 1000

"""The settings of the payments service."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.setting_types import Address, WebUrl
from chassis.settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What payments need besides what every service does."""

    # Address of the orders service.
    orders_url: Address
    # Where Stripe's API is, as browsers reach it too; empty for Stripe itself.
    stripe_url: WebUrl | None = None
    # The account's secret key, `sk_...`.
    stripe_secret_key: str
    # The account's publishable key, `pk_...`, for pages.
    stripe_publishable_key: str
    # The secret of the webhook endpoint, `whsec_...`.
    stripe_webhook_secret: str
    # Time to wait for an answer of Stripe's.
    stripe_timeout: timedelta = timedelta(seconds=8)
    # Where the bank sends the shopper after 3-D Secure; `{order_id}` stands for the order's id.
    # Empty: Stripe.js shows the challenge on the page itself.
    stripe_return_url: WebUrl | None = None

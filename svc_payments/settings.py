"""The settings of the payments service."""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

from chassis.settings.environment import ServiceSettings
from chassis.settings.types import Address, WebUrl

STRIPE_HOST = "api.stripe.com"
# So many calls that time out a charge is repeated before Stripe is only asked what became of it.
REPEATED_CALLS = 15


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """What payments need besides what every service does."""

    # Address of the orders service.
    orders_url: Address
    # Where Stripe's API is, as browsers reach it too; empty for Stripe itself.
    stripe_url: WebUrl | None = None
    # The account's secret key, `sk_...`.
    stripe_secret_key: str = field(repr=False)
    # The account's publishable key, `pk_...`, for pages.
    stripe_publishable_key: str
    # The secret of the webhook endpoint, `whsec_...`.
    stripe_webhook_secret: str = field(repr=False)
    # Time to wait for an answer of Stripe's.
    stripe_timeout: timedelta = timedelta(seconds=8)
    # Where the bank sends the shopper after 3-D Secure; `{order_id}` stands for the order's id.
    # Empty: Stripe.js shows the challenge on the page itself.
    stripe_return_url: WebUrl | None = None

    @property
    def repeat_for(self) -> timedelta:
        """How long after it was begun a charge is still repeated: 2 minutes, as it comes."""
        return REPEATED_CALLS * self.stripe_timeout

    @property
    def emulator_url(self) -> str:
        """Where the emulator is; empty where Stripe itself is used, named or not."""
        if self.stripe_url is None or urlsplit(self.stripe_url).hostname == STRIPE_HOST:
            return ""
        return self.stripe_url

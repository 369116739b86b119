"""Settings of the notify service, from the environment."""

from dataclasses import dataclass
from datetime import timedelta

from chassis.settings.environment import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class Settings(ServiceSettings):
    """Settings of the notify service."""

    # How often subscriptions look for messages that other replicas have written.
    poll: timedelta = timedelta(milliseconds=250)
    # How often a subscription without messages says that it is alive.
    sign_of_life: timedelta = timedelta(seconds=5)

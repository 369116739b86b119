"""Passwords that are tried, counted in Redis for all processes together."""

import hashlib
import math

from limits import RateLimitItem

from chassis.errors import RateLimited
from chassis.resilience.rate_limits import RateLimits


class CountedGuesses:
    """Counts them.

    Args:
        limit: How many wrong ones are allowed in which time.
        counted: The counts.
    """

    def __init__(self, limit: RateLimitItem, counted: RateLimits) -> None:
        self._limit = limit
        self._counted = counted

    async def take(self, who: str) -> None:
        """Count one more, before it is known whether it is right: many may be tried at once.

        Raises:
            RateLimited: As many as are allowed were tried.
        """
        # Exactly so many, however many processes there are.
        usage = await self._counted.hit(self._limit, _key(who), asked_from=0)
        if usage.is_over:
            minutes = math.ceil(usage.reset / 60)
            when = "a minute" if minutes == 1 else f"{minutes} minutes"
            raise RateLimited(
                f"Too many wrong passwords were tried. Try again in {when}.", usage.reset
            )

    async def give_back(self, who: str) -> None:
        """Count one less: it was right."""
        await self._counted.hit(self._limit, _key(who), cost=-1, asked_from=0)


def _key(who: str) -> str:
    """Tells no one who looks at Redis of whom it is."""
    return f"password/{hashlib.sha256(who.encode()).hexdigest()}"

"""How Stripe's library talks to Stripe: behind a circuit breaker."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from chassis.resilience.circuit_breakers import CircuitOpen, NewBreaker
from svc_payments.peers.stripe_library import stripe

STRIPE_URL = "https://api.stripe.com"


class GuardedHttp(stripe.HTTPXClient):
    """Requests fail at once, as when Stripe is unreachable, while the circuit is open.

    Each attempt of the library's counts. An error that Stripe answers with is an answer, whichever
    it is: with one idempotency key Stripe answers the same again and again.

    Args:
        timeout: Of one request.
        url: Where the API is; None for Stripe itself.
        breaker: Makes the circuit breaker; None for none.
    """

    def __init__(self, timeout: timedelta, url: str | None, breaker: NewBreaker | None) -> None:
        super().__init__(timeout=timeout.total_seconds())
        self._url = url or STRIPE_URL
        self._breaker = breaker(self._probe) if breaker is not None else None

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """The answer to a request, whichever it is.

        Raises:
            stripe.APIConnectionError: There was none.
        """
        whole = super().request_async
        if self._breaker is None:
            return await whole(method, url, headers, post_data)
        try:
            return await self._breaker.call(
                lambda: whole(method, url, headers, post_data),
                lambda error: isinstance(error, stripe.APIConnectionError),
            )
        except CircuitOpen as error:
            away: Callable[..., Exception] = stripe.APIConnectionError
            raise away(str(error), should_retry=False) from error

    async def _probe(self) -> None:
        # It tells Stripe nothing of the account, and is refused for that, which is an answer.
        await super().request_async("get", f"{self._url}/v1/payment_intents", {})

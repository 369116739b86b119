"""Webhooks: signed as Stripe signs them, retried until someone answers 2xx."""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

import httpx

from .store import Delivery, Store

FIRST_RETRY_SECONDS = 1.0
LONGEST_RETRY_SECONDS = 60.0
PATIENCE_SECONDS = 3 * 24 * 60 * 60
ANSWER_SECONDS = 10.0
AT_ONCE = 16

Post = Callable[[bytes, str], Awaitable[int]]

log = logging.getLogger(__name__)


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    """The `Stripe-Signature` header: HMAC-SHA256 over `timestamp.payload`."""
    signed = b"%d.%s" % (timestamp, payload)
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


def retry_delay(attempts: int) -> float:
    """Seconds to wait after this many failed attempts: 1, 2, 4 … 60."""
    return float(min(FIRST_RETRY_SECONDS * 2 ** min(attempts - 1, 10), LONGEST_RETRY_SECONDS))


def next_attempt(delivery: Delivery, now: float) -> float | None:
    """When to try a delivery again that has just failed; None when three days are over."""
    due = now + retry_delay(delivery.attempts + 1)
    return due if due <= delivery.queued + PATIENCE_SECONDS else None


class Dispatcher:
    """Sends what is due, and sleeps until something is.

    What waits is in the store, so deliveries go on after a restart. An event whose answer was lost
    is sent again: receivers get each event at least once, in no particular order.

    Args:
        store: where the deliveries are.
        post: sends a payload with its signature and returns the HTTP status; raises
            httpx.HTTPError where there was no answer.
        secret: the endpoint's signing secret, `whsec_…`.
        clock: Unix seconds.
    """

    def __init__(self, store: Store, post: Post, secret: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._post = post
        self._secret = secret
        self._clock = clock
        self._woken = asyncio.Event()

    def nudge(self) -> None:
        """Look for new deliveries now."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            self._woken.clear()
            if await self.deliver_due() == 0:
                await self._sleep()

    async def deliver_due(self) -> int:
        """Attempt what is due, several at once; returns how many attempts were made."""
        batch = self._store.due(self._clock(), AT_ONCE)
        async with asyncio.TaskGroup() as tasks:
            for delivery in batch:
                tasks.create_task(self._attempt(delivery))
        return len(batch)

    async def _sleep(self) -> None:
        due = self._store.next_due()
        seconds = None if due is None else max(0.0, due - self._clock())
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)

    async def _attempt(self, delivery: Delivery) -> None:
        event = self._store.get(delivery.event_id)
        payload = json.dumps(event, indent=2).encode()
        try:
            status = await self._post(payload, signature(payload, self._secret, int(self._clock())))
        except httpx.HTTPError as error:
            outcome = type(error).__name__
        else:
            outcome = f"HTTP {status}"
            if httpx.codes.is_success(status):
                self._store.record_attempt(delivery.id, None, "delivered")
                return
        due = next_attempt(delivery, self._clock())
        log.info("webhook %s not delivered: %s", delivery.event_id, outcome)
        self._store.record_attempt(delivery.id, due, outcome if due else "abandoned")


def poster(client: httpx.AsyncClient, url: str) -> Post:
    """A `Post` to the endpoint at `url`."""

    async def post(payload: bytes, header: str) -> int:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": header,
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
        answer = await client.post(url, content=payload, headers=headers, timeout=ANSWER_SECONDS)
        return answer.status_code

    return post

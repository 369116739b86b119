"""Runs one request's work in one transaction, together with the reply that is remembered for it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from .errors import ApiError
from .ledger import Ledger
from .shapes import JsonObject
from .store import Store

# What events show as their request when no one called the API.
NO_REQUEST: JsonObject = {"id": None, "idempotency_key": None}


@dataclass(frozen=True)
class Reply:
    """What is sent back; `body` is JSON text."""

    status: int
    body: str

    @classmethod
    def of(cls, body: JsonObject) -> Self:
        """A success."""
        return cls(200, json.dumps(body))

    @classmethod
    def refusing(cls, error: ApiError) -> Self:
        """An error."""
        return cls(error.status, json.dumps(error.body()))


@dataclass(frozen=True)
class Executor:
    """Where all effects happen.

    Attributes:
        clock: Unix seconds.
        delivery_delays: see `Ledger`.
        nudge: called after every request that may have queued webhooks.
    """

    store: Store
    clock: Callable[[], float]
    new_id: Callable[[str], str]
    delivery_delays: Callable[[str], Sequence[float]]
    nudge: Callable[[], None]

    def run(
        self,
        work: Callable[[Ledger], JsonObject],
        request: JsonObject,
        conclude: Callable[[Reply], Reply] = lambda reply: reply,
    ) -> Reply:
        """Do the work, and `conclude` it inside the same transaction.

        A declined card is a result like any other and is kept; an error from before the work
        began (`ApiError.began` is False) is raised, and nothing is kept.
        """
        ledger = Ledger(self.store, self.clock(), self.new_id, self.delivery_delays, request)
        with self.store.transaction():
            try:
                reply = Reply.of(work(ledger))
            except ApiError as error:
                if not error.began:
                    raise
                reply = Reply.refusing(error)
            reply = conclude(reply)
        self.nudge()
        return reply

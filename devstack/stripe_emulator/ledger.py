"""One request's unit of work: the clock, new ids, the objects, and the events it announces."""

import secrets
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .errors import MissingObjectError
from .params import Params
from .shapes import JsonObject, event
from .store import Store

ALPHABET = string.ascii_letters + string.digits
ID_LENGTH = 24


def random_id(prefix: str) -> str:
    """A new id such as `pi_3x…`."""
    return f"{prefix}_{''.join(secrets.choice(ALPHABET) for _ in range(ID_LENGTH))}"


@dataclass(frozen=True)
class Ledger:
    """What the operations read and write. Everything happens inside the caller's transaction.

    Attributes:
        now: Unix seconds with their fraction, the same throughout the request.
        new_id: makes an id from its prefix.
        delivery_delays: seconds after which an event of a type is to be delivered, one number per
            delivery; empty when no one listens.
        request: the request's id and idempotency key, as events show them.
    """

    store: Store
    now: float
    new_id: Callable[[str], str]
    delivery_delays: Callable[[str], Sequence[float]]
    request: JsonObject

    @property
    def created(self) -> int:
        """`now` as objects show it: whole Unix seconds."""
        return int(self.now)

    def find(self, kind: str, object_id: str, param: str) -> JsonObject:
        """The object of this kind; MissingObjectError blames `param` where there is none."""
        found = self.store.get(object_id)
        if found is None or found["object"] != kind:
            raise MissingObjectError(kind, object_id, param)
        return found

    def keep(self, body: JsonObject) -> JsonObject:
        """Write an object and return it."""
        self.store.put(body)
        return body

    def announce(self, event_type: str, about: JsonObject) -> None:
        """Record an event about the object as it now is, and queue its deliveries."""
        fact = event(self.new_id("evt"), event_type, about, self.created, self.request)
        delays = self.delivery_delays(event_type)
        fact["pending_webhooks"] = len(delays)
        self.store.put(fact)
        for delay in delays:
            self.store.enqueue(fact["id"], self.now, self.now + delay)


@dataclass(frozen=True)
class Call:
    """One API call, ready to be executed.

    Attributes:
        target: the id in the path, empty where the path has none.
        site: the emulator's own base URL, without a trailing slash.
        version: the API version asked for, such as `2026-10-28.endive`; None where none was.
        from_browser: made with the publishable key, as Stripe.js does.
    """

    ledger: Ledger
    params: Params
    target: str = ""
    site: str = ""
    version: str | None = None
    from_browser: bool = False


Operation = Callable[[Call], JsonObject]

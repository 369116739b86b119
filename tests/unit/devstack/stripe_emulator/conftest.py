from collections.abc import Callable, Iterator
from itertools import count

import pytest

from devstack.stripe_emulator.forms import nest
from devstack.stripe_emulator.ledger import Call, Ledger, Operation
from devstack.stripe_emulator.params import Params
from devstack.stripe_emulator.shapes import JsonObject
from devstack.stripe_emulator.store import Page, Store

NOW = 1_800_000_000  # 2027-01-15

Run = Callable[..., JsonObject]


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store(":memory:")
    yield opened
    opened.close()


@pytest.fixture
def ledger(store: Store) -> Ledger:
    numbers = count(1)

    def new_id(prefix: str) -> str:
        return f"{prefix}_{next(numbers)}"

    return Ledger(store, NOW, new_id, lambda _: (), {"id": "req_1", "idempotency_key": None})


@pytest.fixture
def run(ledger: Ledger) -> Run:
    """Executes an operation: `run(create, {"amount": "500", "metadata[a]": "b"}, target)`."""

    def executed(
        operation: Operation, flat: dict[str, str], target: str = "", *, from_browser: bool = False
    ) -> JsonObject:
        params = Params(nest(flat.items()))
        return operation(Call(ledger, params, target, "http://emulator", from_browser=from_browser))

    return executed


@pytest.fixture
def event_types(store: Store) -> Callable[[], list[str]]:
    """The types of all events so far, oldest first."""
    return lambda: [event["type"] for event in reversed(store.page("event", Page(limit=100)))]

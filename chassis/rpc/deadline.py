"""The deadline of the call being served, so that calls made for it can be given what is left."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)

# What a hop keeps for itself, so that it can still answer after its peer ran out of time.
_MARGIN_SECONDS = 0.05


def set_deadline(seconds: float) -> None:
    """Serve the rest of this task within `seconds`."""
    _deadline.set(time.monotonic() + seconds)


@contextmanager
def deadline_in(seconds: float) -> Iterator[None]:
    """Serve what is inside within `seconds`."""
    before = _deadline.get()
    _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        # Not by its token: a stream whose client has left is closed in another context.
        _deadline.set(before)


def shortened(timeout: float) -> float:
    """`timeout` seconds, or what is left of the call being served if that is less."""
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    return max(0.001, min(timeout, deadline - time.monotonic() - _MARGIN_SECONDS))

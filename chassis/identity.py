"""Who is calling: tokens verified by every process itself, and the identity of the call at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from chassis.errors import Unauthenticated


@dataclass(frozen=True)
class Identity:
    """A caller.

    Attributes:
        kind: Nobody in particular, a person, or a process of the shop.
        id: The user's id, or the process's name.
        role: `user`, `admin`, `service`, or empty.
        session_id: The user's session; empty for processes.
        email: The user's email; empty for processes.
        token: The verified token, to be passed on.
        expires_at: When the token stops being accepted, seconds since the epoch.
    """

    kind: Literal["anonymous", "user", "service"]
    id: str = ""
    role: str = ""
    session_id: str = ""
    email: str = ""
    token: str = ""
    expires_at: float = 0.0


ANONYMOUS = Identity("anonymous")

_identity: ContextVar[Identity] = ContextVar("identity", default=ANONYMOUS)


def current_identity() -> Identity:
    """The identity of the call being served."""
    return _identity.get()


def require_user() -> Identity:
    """The signed-in user of the call being served.

    Raises:
        Unauthenticated: Nobody is signed in.
    """
    identity = _identity.get()
    if identity.kind != "user":
        raise Unauthenticated("Sign in first.")
    return identity


@contextmanager
def acting_as(identity: Identity) -> Iterator[None]:
    """Serve what is inside for `identity`."""
    reset = _identity.set(identity)
    try:
        yield
    finally:
        _identity.reset(reset)

"""Who is calling: tokens verified by every process itself, and the identity of the call at hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Literal

from chassis.errors import Unauthenticated
from chassis.telemetry.correlation import logged


@dataclass(frozen=True)
class Identity:
    """A caller.

    Attributes:
        kind: Anonymous, a person, or a process of the shop.
        id: The user's id, or the process's name.
        role: `user`, `admin`, `service`, or empty.
        session_id: The user's session; empty for processes.
        email: The user's email; empty for processes.
        token: The verified token, to be passed on.
        issued_at: When the token was signed, seconds since the epoch.
        expires_at: When the token stops being accepted, seconds since the epoch.
    """

    kind: Literal["anonymous", "user", "service"]
    id: str = ""
    role: str = ""
    session_id: str = ""
    email: str = ""
    token: str = field(default="", repr=False)
    issued_at: float = 0.0
    expires_at: float = 0.0


ANONYMOUS = Identity("anonymous")

_identity: ContextVar[Identity] = ContextVar("identity", default=ANONYMOUS)


def current_identity() -> Identity:
    """The identity of the call being served."""
    return _identity.get()


def require_user() -> Identity:
    """The signed-in user of the call being served.

    Raises:
        Unauthenticated: No one is signed in.
    """
    identity = _identity.get()
    if identity.kind != "user":
        raise Unauthenticated("Sign in first.")
    return identity


@logged
def _caller() -> dict[str, str]:
    """Whom a line of a log is about; a session's id lets no one in, its tokens are what does."""
    identity = _identity.get()
    if identity.kind == "service":
        return {"labels.caller": identity.id}
    return {"user.id": identity.id, "session.id": identity.session_id}


def act_as(identity: Identity) -> None:
    """Serve the rest of this task for `identity`."""
    _identity.set(identity)


@contextmanager
def acting_as(identity: Identity) -> Iterator[None]:
    """Serve what is inside for `identity`."""
    before = _identity.get()
    _identity.set(identity)
    try:
        yield
    finally:
        # Not by its token: a stream whose client has left is closed in another context.
        _identity.set(before)

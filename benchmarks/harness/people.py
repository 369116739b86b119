"""Shoppers who are signed in: as many as a load needs, without a password hashed for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from chassis.clock import utcnow
from chassis.ids import new_id
from svc_auth.model.user import User
from svc_auth.peers.keys import load_key_ring
from svc_auth.peers.tokens import SignedTokens

LIFETIME = timedelta(hours=2)


@dataclass(frozen=True)
class Person:
    """Someone with a session."""

    id: str
    token: str

    @property
    def cookies(self) -> dict[str, str]:
        """What their browser sends."""
        return {"session": self.token}


def people(data: Path) -> Callable[[], Person]:
    """Makes new shoppers of the shop on the folder `data`, by its own signing key."""
    tokens = SignedTokens(load_key_ring(data / "signing-key.pem"), LIFETIME, new_id)

    def new() -> Person:
        now = utcnow()
        user = User(id=new_id(), email="bench@example.org", password_hash="", created_at=now)
        return Person(user.id, tokens.for_user(user, new_id(), now))

    return new

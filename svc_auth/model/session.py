"""A signed-in device, and the chain of refresh tokens that keeps it signed in.

Each refresh token is used once and followed by its successor. The successor is derived from the
token and a key that only this session's document has. So a second tab that presents the same token
within the grace period is given the very successor that the first tab was given: there is one
chain with one live end, whoever asks and how often. Of the tokens only hashes are kept.
"""

import base64
import enum
import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

# How many used tokens of a session are told from unknown ones. Reuse of an older one is refused
# like any unknown token, but no longer ends the session.
REMEMBERED_TOKENS = 100

USER_AGENT_LENGTH = 300


class Standing(enum.Enum):
    """What a refresh token is worth now."""

    CURRENT = "it is the live end of the chain"
    JUST_USED = "it was used moments ago, probably by another tab"
    REUSED = "it was used before: there may be a thief"
    DEAD = "its session has ended"


@dataclass(frozen=True)
class UsedToken:
    """A refresh token that has been exchanged."""

    hash: bytes
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Session:
    """A signed-in device.

    Attributes:
        id: Opaque; sorts by the time of signing in.
        user_id: Whose it is.
        epoch: The account's epoch when it was opened; see `User.epoch`.
        user_agent: What the device said it is.
        created_at: When it signed in.
        last_used_at: When it was last refreshed.
        expires_at: When it ends unless refreshed.
        chain_key: 256 random bits that successors are derived with.
        current: Hash of the one refresh token that is good.
        used: The last of those before it, oldest first.
        ended_at: When it was signed out or revoked.
    """

    id: str
    user_id: str
    epoch: int
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    chain_key: bytes = field(repr=False)
    current: bytes = field(repr=False)
    used: tuple[UsedToken, ...] = field(default=(), repr=False)
    ended_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether it has neither been ended nor expired."""
        return self.ended_at is None and now < self.expires_at

    def standing(self, token: str, now: datetime, grace: timedelta) -> Standing:
        """What `token`, one of this session's, is worth at `now`."""
        if not self.is_live(now):
            return Standing.DEAD
        hashed = token_hash(token)
        if hashed == self.current:
            return Standing.CURRENT
        used_at = next((used.at for used in self.used if used.hash == hashed), None)
        if used_at is not None and now - used_at <= grace:
            return Standing.JUST_USED
        return Standing.REUSED

    def successor(self, token: str) -> str:
        """The token that follows `token`."""
        digest = hmac.digest(self.chain_key, token.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def rotated(self, token: str, now: datetime, lifetime: timedelta) -> "Session":
        """This session after `token`, its current one, was exchanged for the successor."""
        return replace(
            self,
            current=token_hash(self.successor(token)),
            used=(*self.used, UsedToken(token_hash(token), now))[-REMEMBERED_TOKENS:],
            last_used_at=now,
            expires_at=now + lifetime,
        )

    def live_end(self, token: str) -> str:
        """The current token, found by following the chain from `token`, one of the used."""
        for _ in self.used:
            token = self.successor(token)
            if token_hash(token) == self.current:
                return token
        raise ValueError("the token is not of this chain")


def token_hash(token: str) -> bytes:
    """SHA-256 of a refresh token; plain, since a token has 256 random bits of its own."""
    return hashlib.sha256(token.encode()).digest()

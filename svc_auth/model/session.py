"""A signed-in device, and the chain of refresh tokens that keeps it signed in.

A refresh token is `sessionId.generation.secret.mac`. It is used once and followed by its successor,
whose secret is derived from the token and a key that only this session's document has. So a second
tab that presents the same token is given the very successor that the first tab was given: there is
one chain with one live end, no matter who asks and how often. Of the tokens only the hash of the
live one is kept. The older ones need no memory: their `mac` shows for ever that they are of this
session, so that of whatever age they are, presenting one again is known for what it is.
"""

import base64
import enum
import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

# For so many of the last tokens it is known when they were exchanged: more tabs than that do not
# follow one another within the grace period.
RECENT_ROTATIONS = 5

_PARTS = 4


class TokenStatus(enum.Enum):
    """What a refresh token is worth now."""

    CURRENT = "it is the live end of the chain"
    JUST_USED = "it was used moments ago, probably by another tab"
    LOST_REPLY = "it was used, but no one has presented its successor: the reply may be lost"
    REUSED = "it was used before: there may be a thief"
    DEAD = "its session has ended"


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
        generation: How many refresh tokens came before that.
        rotations: When the last of those were exchanged, oldest first.
        replayed: Generation of the last one that was exchanged again long after, its first reply
            being lost; None for none.
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
    generation: int = 0
    rotations: tuple[datetime, ...] = ()
    replayed: int | None = None
    ended_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether it has neither been ended nor expired."""
        return self.ended_at is None and now < self.expires_at

    def token_status(self, token: str, now: datetime, grace: timedelta) -> TokenStatus:
        """What `token`, one of this session's, is worth at `now`."""
        if not self.is_live(now):
            return TokenStatus.DEAD
        if token_hash(token) == self.current:
            return TokenStatus.CURRENT
        generation = _generation(token)
        behind = self.generation - generation
        if 0 < behind <= len(self.rotations) and now - self.rotations[-behind] <= grace:
            return TokenStatus.JUST_USED
        # A thief who has a copy and takes turns with the owner would look like a lost reply at
        # each turn. So of two generations in a row one may be lost, and the second is reuse.
        if behind == 1 and self.replayed != generation - 1:
            return TokenStatus.LOST_REPLY
        return TokenStatus.REUSED

    def issued(self, token: str) -> bool:
        """Whether `token` is, or was, one of this session's."""
        body, _, mac = token.rpartition(".")
        return hmac.compare_digest(mac.encode(), self._digest(body).encode()) or (
            token_hash(token) == self.current
        )

    def first_token(self, secret: str) -> str:
        """The token that the chain begins with; `secret` is random."""
        return self._token(0, secret)

    def successor(self, token: str) -> str:
        """The token that follows `token`."""
        return self._token(_generation(token) + 1, self._digest(token))

    def rotated(self, token: str, now: datetime, lifetime: timedelta) -> "Session":
        """This session after `token`, its current one, was exchanged for the successor."""
        return replace(
            self,
            current=token_hash(self.successor(token)),
            generation=_generation(token) + 1,
            rotations=(*self.rotations, now)[-RECENT_ROTATIONS:],
            last_used_at=now,
            expires_at=now + lifetime,
        )

    def live_end(self, token: str) -> str:
        """The current token, found by following the chain from `token`, one of those before."""
        for _ in range(self.generation - _generation(token)):
            token = self.successor(token)
        return token

    def _token(self, generation: int, secret: str) -> str:
        body = f"{self.id}.{generation}.{secret}"
        return f"{body}.{self._digest(body)}"

    def _digest(self, text: str) -> str:
        # What is digested are whole tokens and tokens without their last part: never the same.
        digest = hmac.digest(self.chain_key, text.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def session_id_of(token: str) -> str:
    """Id of the session that `token` says it is of; empty for one of before they said so."""
    parts = token.split(".")
    return parts[0] if len(parts) == _PARTS else ""


def _generation(token: str) -> int:
    """How many tokens came before `token`, which is a session's; 0 for one that does not say."""
    parts = token.split(".")
    return int(parts[1]) if len(parts) == _PARTS else 0


def token_hash(token: str) -> bytes:
    """SHA-256 of a refresh token; plain, since a token has 256 random bits of its own."""
    return hashlib.sha256(token.encode()).digest()

"""Verifies access tokens: ES256 by public key, expiry, audience, and revocation."""

import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from cachetools import LRUCache
from jose import jwk, jws
from jose.backends.base import Key
from jose.exceptions import JWSError
from jose.utils import base64url_decode

from chassis.auth.identity import Identity
from chassis.errors import Unauthenticated
from chassis.tasks import SingleFlight

ALGORITHM = "ES256"
ISSUER = "shop"
AUDIENCE = "shop"

# Signing keys change seldom; an unknown key id asks at once, but not more often than this.
_MIN_KEY_AGE_SECONDS = 5.0
# One that is given out no more is forgotten after this: longer than the last token lives.
_KEY_KEPT_SECONDS = 30 * 60.0
# By how much the clock of svc_auth may be ahead.
_CLOCKS_DIFFER_SECONDS = 60.0

# Of how many tokens it is remembered who they were given to: about 1 kB each.
_TOKENS_KEPT = 10_000

KeySource = Callable[[], Awaitable[list[dict[str, Any]]]]
"""Fetches the JSON Web Key Set; raises Unavailable where it cannot be had."""


class Revocations(Protocol):
    """Which tokens were revoked before they expired."""

    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        """Whether the session has ended, or the user's tokens of that time are void.

        Raises:
            Unavailable: It cannot be known.
        """


@dataclass(frozen=True)
class _Known:
    """A key, and when svc_auth last gave it out."""

    key: Key
    seen_at: float


class TokenVerifier:
    """Turns a token into an identity.

    A signature is checked once: who a token was given to is remembered, until it expires or the
    keys change. Whether it has expired, or was revoked, is asked each time.

    Args:
        keys: The public keys that tokens are signed with.
        revocations: Which tokens were revoked.
        monotonic: Seconds that only grow.
        tokens_kept: Of how many tokens it is remembered who they were given to.
    """

    def __init__(
        self,
        keys: KeySource,
        revocations: Revocations,
        monotonic: Callable[[], float] = time.monotonic,
        tokens_kept: int = _TOKENS_KEPT,
    ) -> None:
        self._fetch = keys
        self._revocations = revocations
        self._monotonic = monotonic
        self._keys: dict[str, _Known] = {}
        self._fetched_at = float("-inf")
        self._verified: LRUCache[bytes, Identity] = LRUCache(tokens_kept)
        self._load_keys = SingleFlight(self._load_keys_now)

    async def ensure_keys(self) -> None:
        """Fetch the keys where there are none yet; raises what the source raises."""
        if not self._keys:
            await self._load_keys()

    async def _load_keys_now(self) -> None:
        # Of the replicas of svc_auth one may know a key that another does not, while it is being
        # replaced. So a key that one of them gave out is good for some time though others do not.
        now = self._monotonic()
        fetched = {
            key["kid"]: _Known(jwk.construct(key, ALGORITHM), now) for key in await self._fetch()
        }
        kept = {
            kid: known
            for kid, known in self._keys.items()
            if now - known.seen_at < _KEY_KEPT_SECONDS
        }
        self._keys = kept | fetched
        self._verified.clear()  # A key that is gone takes its tokens with it.
        self._fetched_at = now

    async def verify(self, token: str) -> Identity:
        """The identity that `token` proves.

        Raises:
            Unauthenticated: The token is forged, malformed, expired or revoked.
            Unavailable: Keys or revocations cannot be had.
        """
        identity = await self.identify(token)
        await self.check(identity)
        return identity

    async def check(self, identity: Identity) -> None:
        """Refuse an identity whose token was revoked.

        Raises:
            Unauthenticated: It was.
            Unavailable: Revocations cannot be had.
        """
        if identity.kind == "user" and await self._revocations.is_revoked(
            identity.session_id, identity.id, identity.issued_at
        ):
            raise Unauthenticated("The session has ended.")

    async def identify(self, token: str) -> Identity:
        """The identity that `token` was given to, whether or not it has been revoked since.

        Raises:
            Unauthenticated: The token is forged, malformed or expired.
            Unavailable: Keys cannot be had.
        """
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        identity = self._verified.get(digest)
        if identity is None:
            identity = _identity(token, await self._key(token))
            self._verified[digest] = identity
        now = time.time()
        if now < identity.expires_at and identity.issued_at < now + _CLOCKS_DIFFER_SECONDS:
            return identity
        raise Unauthenticated("The token has expired.")

    async def _key(self, token: str) -> Key:
        kid = _kid(token)
        are_stale = self._monotonic() - self._fetched_at > _MIN_KEY_AGE_SECONDS
        if kid not in self._keys and are_stale:
            await self._load_keys()
        if kid not in self._keys:
            raise Unauthenticated("The token is signed by an unknown key.")
        return self._keys[kid].key


def _kid(token: str) -> str:
    """Id of the key that a token says it is signed with."""
    try:
        header = orjson.loads(base64url_decode(token.partition(".")[0].encode()))
    except ValueError as error:
        raise Unauthenticated("The token is malformed.") from error
    match header:
        case {"alg": algorithm, "kid": str(kid)} if algorithm == ALGORITHM:
            return kid
    raise Unauthenticated("The token is malformed.")


def _identity(token: str, key: Key) -> Identity:
    """Who `token` was given to; the one place that looks at the claims and their types.

    The library checks the signature only: of the claims it would take strings for numbers, and fail
    in many ways on one of another type.
    """
    try:
        claims = orjson.loads(jws.verify(token, key, [ALGORITHM]))
    except (JWSError, ValueError) as error:
        raise Unauthenticated("The token is not valid.") from error
    match claims:
        case {
            "iss": issuer,
            "aud": audience,
            "sub": str(subject),
            "sid": str(session_id),
            "role": "user" | "admin" | "service" as role,
            "email": str(email),
            "iat": int() | float() as issued_at,
            "exp": int() | float() as expires_at,
        } if (issuer, audience) == (ISSUER, AUDIENCE) and subject:
            return Identity(
                kind="service" if role == "service" else "user",
                id=subject,
                role=role,
                session_id=session_id,
                email=email,
                token=token,
                issued_at=float(issued_at),
                expires_at=float(expires_at),
            )
    raise Unauthenticated("The token is not valid.")

"""Verifies access tokens: ES256 by public key, expiry, audience, and revocation."""

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from jose import JWTError, jwt

from chassis.errors import Unauthenticated
from chassis.identity import Identity
from chassis.tasks import Shared

ALGORITHM = "ES256"
ISSUER = "shop"
AUDIENCE = "shop"

# Signing keys change seldom; an unknown key id asks at once, but not more often than this.
_MIN_KEY_AGE_SECONDS = 5.0

KeySource = Callable[[], Awaitable[list[dict[str, Any]]]]
"""Fetches the JSON Web Key Set; raises Unavailable where it can not be had."""


class Revocations(Protocol):
    """Which tokens were revoked before they expired."""

    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        """Whether the session has ended, or the user's tokens of that time are void.

        Raises:
            Unavailable: It can not be told.
        """


class TokenVerifier:
    """Turns a token into an identity.

    Args:
        keys: The public keys that tokens are signed with.
        revocations: Which tokens were revoked.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        keys: KeySource,
        revocations: Revocations,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = keys
        self._revocations = revocations
        self._monotonic = monotonic
        self._keys: dict[str, dict[str, Any]] = {}
        self._fetched_at = float("-inf")
        self._load_keys = Shared(self._load_keys_now)

    async def ensure_keys(self) -> None:
        """Fetch the keys where there are none yet; raises what the source raises."""
        if not self._keys:
            await self._load_keys()

    async def _load_keys_now(self) -> None:
        self._keys = {key["kid"]: key for key in await self._fetch()}
        self._fetched_at = self._monotonic()

    async def verify(self, token: str) -> Identity:
        """The identity that `token` proves.

        Raises:
            Unauthenticated: The token is forged, malformed, expired or revoked.
            Unavailable: Keys or revocations can not be had.
        """
        claims = _claims(token, await self._key(token))
        service = claims["role"] == "service"
        if not service and await self._revocations.is_revoked(
            claims["sid"], claims["sub"], claims["iat"]
        ):
            raise Unauthenticated("The session has ended.")
        return Identity(
            kind="service" if service else "user",
            id=claims["sub"],
            role=claims["role"],
            session_id=claims["sid"],
            email=claims.get("email", ""),
            token=token,
            expires_at=float(claims["exp"]),
        )

    async def _key(self, token: str) -> Mapping[str, Any]:
        try:
            kid = str(jwt.get_unverified_header(token).get("kid"))
        except (JWTError, AttributeError) as error:
            raise Unauthenticated("The token is malformed.") from error
        are_stale = self._monotonic() - self._fetched_at > _MIN_KEY_AGE_SECONDS
        if kid not in self._keys and are_stale:
            await self._load_keys()
        if kid not in self._keys:
            raise Unauthenticated("The token is signed by an unknown key.")
        return self._keys[kid]


def _claims(token: str, key: Mapping[str, Any]) -> dict[str, Any]:
    """The claims, all of those that are needed present and of their types."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # The library accepts tokens without these claims unless told.
            options={f"require_{claim}": True for claim in ("exp", "aud", "iat", "iss", "sub")},
        )
    except (JWTError, AttributeError) as error:
        raise Unauthenticated("The token is not valid.") from error
    if claims.get("role") not in {"user", "admin", "service"} or not isinstance(
        claims.get("sid"), str
    ):
        raise Unauthenticated("The token is not valid.")
    return claims

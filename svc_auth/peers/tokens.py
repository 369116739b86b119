"""Access tokens: ES256 JWTs as `chassis.auth.tokens` verifies them; and those of devices.

A device's token has an audience of its own, so that neither is good for the other.
"""

from datetime import datetime, timedelta
from typing import Any

from jose import jwk, jwt
from jose.exceptions import JWTError

from chassis.auth.tokens import ALGORITHM, AUDIENCE, ISSUER
from chassis.ids import NewId
from svc_auth.model.user import User
from svc_auth.peers.keys import KeyRing
from svc_auth.usecases.ports import Device

_DEVICES = f"{AUDIENCE}:devices"
_DEVICE_LIFETIME = timedelta(days=365)


class SignedTokens:
    """Signs access tokens with the ring's first key.

    Args:
        ring: The keys.
        lifetime: How long a token is good for.
        new_id: Makes the id of each token.
    """

    def __init__(self, ring: KeyRing, lifetime: timedelta, new_id: NewId) -> None:
        # Parsed once: given as text, the library would parse it for every token.
        self._key = jwk.construct(ring.pem, ALGORITHM)
        self._headers = {"kid": ring.kid}
        self._lifetime = lifetime
        self._new_id = new_id
        self._verification_keys = {key.kid: key.jwk() for key in ring.verification_keys}

    def for_user(self, user: User, session_id: str, now: datetime) -> str:
        """A token for a user's session."""
        who = {"sub": user.id, "sid": session_id, "role": user.role.value, "email": user.email}
        return self._sign(who, now)[0]

    def for_service(self, client_id: str, now: datetime) -> tuple[str, datetime]:
        """A token for a process of the shop, and when it expires."""
        return self._sign({"sub": client_id, "sid": "", "role": "service", "email": ""}, now)

    def for_device(self, device: Device, now: datetime) -> str:
        """A token by which a device is known again, for a year."""
        claims: dict[str, Any] = {
            "iss": ISSUER,
            "aud": _DEVICES,
            "sub": device.user_id,
            "dev": device.id,
            "exp": int((now + _DEVICE_LIFETIME).timestamp()),
        }
        return self._encode(claims)

    def device(self, token: str) -> Device | None:
        """The device that a token is of; None where it is not good."""
        try:
            key = self._verification_keys[jwt.get_unverified_header(token)["kid"]]
            claims = jwt.decode(token, key, [ALGORITHM], audience=_DEVICES, issuer=ISSUER)
        except (JWTError, KeyError, TypeError):
            return None
        match claims:
            case {"dev": str(device_id), "sub": str(user_id), "exp": int()}:
                return Device(device_id, user_id)
        return None

    def _encode(self, claims: dict[str, Any]) -> str:
        token: str = jwt.encode(claims, self._key, algorithm=ALGORITHM, headers=self._headers)
        return token

    def _sign(self, who: dict[str, str], now: datetime) -> tuple[str, datetime]:
        issued = now.replace(microsecond=0)
        expires = issued + self._lifetime
        claims: dict[str, Any] = {
            **who,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "iat": int(issued.timestamp()),
            "exp": int(expires.timestamp()),
            "jti": self._new_id(),
        }
        return self._encode(claims), expires

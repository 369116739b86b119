"""The public half of a signing key, as others need it to verify tokens."""

from dataclasses import dataclass


@dataclass(frozen=True)
class VerificationKey:
    """A P-256 public key.

    Attributes:
        kid: Its id: the thumbprint of RFC 7638.
        x: Coordinate in base64url.
        y: Coordinate in base64url.
    """

    kid: str
    x: str
    y: str

    def jwk(self) -> dict[str, str]:
        """As a JSON Web Key (RFC 7517)."""
        use = {"kid": self.kid, "alg": "ES256", "use": "sig"}
        return {"kty": "EC", "crv": "P-256", "x": self.x, "y": self.y, **use}

"""The keys that access tokens are signed and verified with, in PEM files."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.process import StartError
from svc_auth.model.keys import VerificationKey

_COORDINATE_BYTES = 32


class KeyFileError(StartError):
    """A key file cannot be used; the message is one line saying which, and why."""


@dataclass(frozen=True)
class KeyRing:
    """The key to sign with, and all that tokens may be signed by.

    Attributes:
        pem: The private key to sign with.
        kid: Its id.
        verification_keys: Its public half first, then those of the next and of earlier keys.
    """

    pem: str
    kid: str
    verification_keys: tuple[VerificationKey, ...]

    def __repr__(self) -> str:
        return f"KeyRing(kid={self.kid!r})"

    def jwks(self) -> list[dict[str, str]]:
        """The public keys as JSON Web Keys."""
        return [key.jwk() for key in self.verification_keys]


def load_key_ring(path: Path, others: Sequence[Path] = ()) -> KeyRing:
    """Read the keys; the one to sign with is made first where its file is absent.

    Args:
        path: PEM file of the private key to sign with.
        others: PEM files of keys, private or public, whose tokens are good too: those signed with
            before, and those that will be.

    Raises:
        KeyFileError: A file cannot be read or made, or has no P-256 key.
    """
    try:
        make_key_file(path)
        signing = path.read_bytes()
        known = [(file, file.read_bytes()) for file in others]
    except OSError as error:
        raise KeyFileError(f"{error.filename}: {error.strerror}") from error
    private = _private_key(path, signing)
    keys = [private.public_key(), *(_public_key(file, pem) for file, pem in known)]
    verification_keys = tuple(_verification_key(key) for key in keys)
    return KeyRing(signing.decode(), verification_keys[0].kid, verification_keys)


def make_key_file(path: Path) -> None:
    """Make a private key at `path`, readable by its owner only, unless there is one.

    Of any number of processes that do so at once one wins, and all find its whole key there.
    """
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        unfinished.touch(mode=0o600, exist_ok=False)
        with unfinished.open("wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        # Unlike a rename, a link never replaces the key that another process made meanwhile.
        path.hardlink_to(unfinished)
    except FileExistsError:
        return
    finally:
        unfinished.unlink(missing_ok=True)


def _private_key(path: Path, pem: bytes) -> ec.EllipticCurvePrivateKey:
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError) as error:
        raise KeyFileError(f"{path}: is not a private key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFileError(f"{path}: is not a P-256 key")
    return key


def _public_key(path: Path, pem: bytes) -> ec.EllipticCurvePublicKey:
    if b"PRIVATE KEY" in pem:
        return _private_key(path, pem).public_key()
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError as error:
        raise KeyFileError(f"{path}: is not a key in PEM") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFileError(f"{path}: is not a P-256 key")
    return key


def _verification_key(key: ec.EllipticCurvePublicKey) -> VerificationKey:
    numbers = key.public_numbers()
    x, y = _base64url(_coordinate(numbers.x)), _base64url(_coordinate(numbers.y))
    canonical = json.dumps({"crv": "P-256", "kty": "EC", "x": x, "y": y}, separators=(",", ":"))
    return VerificationKey(_base64url(hashlib.sha256(canonical.encode()).digest()), x, y)


def _coordinate(number: int) -> bytes:
    return number.to_bytes(_COORDINATE_BYTES, "big")


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jose import jwt

from chassis.auth.tokens import TokenVerifier
from chassis.errors import Unauthenticated
from svc_auth.model.user import Role, User
from svc_auth.peers.keys import KeyRing, load_key_ring
from svc_auth.peers.tokens import SignedTokens
from svc_auth.usecases.ports import Device
from tests.unit.svc_auth.fakes import Names

pytestmark = pytest.mark.anyio

LIFETIME = timedelta(minutes=15)


class NoRevocations:
    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        return False


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return load_key_ring(tmp_path / "signing.pem")


def verifier(ring: KeyRing) -> TokenVerifier:
    async def keys() -> list[dict[str, str]]:
        return ring.jwks()

    return TokenVerifier(keys, NoRevocations())


def tokens(ring: KeyRing) -> SignedTokens:
    return SignedTokens(ring, LIFETIME, Names("jti"))


def user() -> User:
    return User(
        id="u1",
        email="ann@example.com",
        password_hash="",
        role=Role.ADMIN,
        created_at=datetime.now(UTC),
    )


async def test_a_users_token_says_who_they_are(ring: KeyRing) -> None:
    token = tokens(ring).for_user(user(), "s1", datetime.now(UTC))
    identity = await verifier(ring).verify(token)
    assert (identity.kind, identity.id, identity.role) == ("user", "u1", "admin")
    assert (identity.session_id, identity.email) == ("s1", "ann@example.com")


async def test_a_processs_token_says_which_it_is_and_until_when(ring: KeyRing) -> None:
    now = datetime.now(UTC)
    token, expires_at = tokens(ring).for_service("svc_cart", now)
    identity = await verifier(ring).verify(token)
    assert (identity.kind, identity.id, identity.role) == ("service", "svc_cart", "service")
    assert identity.session_id == ""
    assert identity.expires_at == expires_at.timestamp()
    assert now + LIFETIME - timedelta(seconds=1) < expires_at <= now + LIFETIME


async def test_a_token_expires(ring: KeyRing) -> None:
    long_ago = datetime.now(UTC) - LIFETIME - timedelta(seconds=2)
    with pytest.raises(Unauthenticated):
        await verifier(ring).verify(tokens(ring).for_user(user(), "s1", long_ago))


async def test_tokens_of_an_earlier_key_are_still_believed(ring: KeyRing, tmp_path: Path) -> None:
    token = tokens(ring).for_user(user(), "s1", datetime.now(UTC))
    rotated = load_key_ring(tmp_path / "next.pem", [tmp_path / "signing.pem"])
    assert (await verifier(rotated).verify(token)).id == "u1"
    alone = load_key_ring(tmp_path / "next.pem")
    with pytest.raises(Unauthenticated):
        await verifier(alone).verify(token)


def test_claims_and_header_are_those_of_the_design(ring: KeyRing) -> None:
    signed = tokens(ring)
    token = signed.for_user(user(), "s1", datetime.now(UTC))
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "JWT", "kid": ring.kid}
    claims = jwt.get_unverified_claims(token)
    assert set(claims) == {"sub", "sid", "role", "email", "iss", "aud", "iat", "exp", "jti"}
    assert claims["exp"] - claims["iat"] == LIFETIME.total_seconds()
    another = signed.for_user(user(), "s1", datetime.now(UTC))
    assert jwt.get_unverified_claims(another)["jti"] != claims["jti"]


def test_a_device_is_known_again_for_a_year(ring: KeyRing) -> None:
    device, now = Device("d1", "u1"), datetime.now(UTC)
    assert tokens(ring).device(tokens(ring).for_device(device, now)) == device
    too_old = tokens(ring).for_device(device, now - timedelta(days=366))
    assert tokens(ring).device(too_old) is None


def test_a_device_is_known_after_the_signing_key_was_replaced(
    ring: KeyRing, tmp_path: Path
) -> None:
    token = tokens(ring).for_device(Device("d1", "u1"), datetime.now(UTC))
    replaced = load_key_ring(tmp_path / "new.pem", [tmp_path / "signing.pem"])
    assert tokens(replaced).device(token) == Device("d1", "u1")
    assert tokens(load_key_ring(tmp_path / "other.pem")).device(token) is None


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "eyJhbGciOiJub25lIn0.e30."])
def test_what_is_no_token_is_no_device(ring: KeyRing, token: str) -> None:
    assert tokens(ring).device(token) is None


async def test_neither_token_is_good_for_the_other(ring: KeyRing) -> None:
    now = datetime.now(UTC)
    assert tokens(ring).device(tokens(ring).for_user(user(), "s1", now)) is None
    with pytest.raises(Unauthenticated):
        await verifier(ring).verify(tokens(ring).for_device(Device("d1", "u1"), now))

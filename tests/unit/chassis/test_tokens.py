import base64
import time
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwk, jws, jwt

from chassis.auth.tokens import TokenVerifier
from chassis.errors import Unauthenticated, Unavailable

pytestmark = pytest.mark.anyio


class Signer:
    """Signs with a key of its own."""

    def __init__(self, kid: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self.kid = kid
        self._pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        self.public: dict[str, Any] = {
            name: value.decode() if isinstance(value, bytes) else value
            for name, value in jwk.construct(self._pem, "ES256").public_key().to_dict().items()
        } | {"kid": kid}

    def sign(self, without: str = "", **changed: Any) -> str:
        now = time.time()
        claims = {
            "iss": "shop",
            "aud": "shop",
            "sub": "u1",
            "sid": "s1",
            "role": "user",
            "email": "a@b.co",
            "iat": now,
            "exp": now + 900,
        } | changed
        claims.pop(without, None)
        return str(jwt.encode(claims, self._pem, "ES256", headers={"kid": self.kid}))

    def sign_bytes(self, payload: bytes) -> str:
        """A token whose payload is this."""
        return str(jws.sign(payload, self._pem, {"kid": self.kid}, "ES256"))


class FakeRevocations:
    def __init__(self) -> None:
        self.sessions: set[str] = set()
        self.users: dict[str, float] = {}

    async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
        return session_id in self.sessions or issued_at < self.users.get(user_id, 0)


@pytest.fixture
def signer() -> Signer:
    return Signer("k1")


@pytest.fixture
def revocations() -> FakeRevocations:
    return FakeRevocations()


@pytest.fixture
def verifier(signer: Signer, revocations: FakeRevocations) -> TokenVerifier:
    async def keys() -> list[dict[str, Any]]:
        return [signer.public]

    return TokenVerifier(keys, revocations)


async def test_a_good_token_proves_its_identity(verifier: TokenVerifier, signer: Signer) -> None:
    identity = await verifier.verify(signer.sign())
    assert (identity.kind, identity.id, identity.session_id) == ("user", "u1", "s1")
    assert (identity.role, identity.email) == ("user", "a@b.co")


async def test_a_service_token_proves_a_service(verifier: TokenVerifier, signer: Signer) -> None:
    identity = await verifier.verify(signer.sign(sub="svc_cart", role="service", sid=""))
    assert (identity.kind, identity.id) == ("service", "svc_cart")


@pytest.mark.parametrize("claim", ["exp", "aud", "iss", "sub", "iat", "role", "sid"])
async def test_every_claim_is_needed(verifier: TokenVerifier, signer: Signer, claim: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(signer.sign(without=claim))


@pytest.mark.parametrize(
    "changed",
    [
        {"exp": time.time() - 60},
        {"aud": "other"},
        {"iss": "other"},
        {"role": "root"},
        {"sid": 1},
        {"sid": []},
        {"exp": []},
        {"exp": {}},
        {"exp": None},
        {"exp": "9999999999"},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": True},
        {"iat": []},
        {"iat": "1"},
        {"iat": float("-inf")},
        {"iat": time.time() + 3600},
        {"role": []},
        {"role": {}},
        {"role": 1},
        {"sub": ""},
        {"sub": 1},
        {"sub": ["u1"]},
        {"aud": ["shop"]},
        {"aud": {}},
        {"iss": ["shop"]},
        {"email": 1},
    ],
)
async def test_wrong_claims_are_refused(
    verifier: TokenVerifier, signer: Signer, changed: dict[str, Any]
) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(signer.sign(**changed))


async def test_a_token_of_another_key_of_the_same_id_is_refused(verifier: TokenVerifier) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(Signer("k1").sign())


async def test_an_hmac_token_made_with_the_public_key_is_refused(
    verifier: TokenVerifier, signer: Signer
) -> None:
    forged = jwt.encode(
        {"iss": "shop", "aud": "shop", "sub": "u1", "sid": "s1", "role": "admin"}
        | {"iat": time.time(), "exp": time.time() + 900},
        signer.public["x"],
        "HS256",
        headers={"kid": "k1"},
    )
    with pytest.raises(Unauthenticated):
        await verifier.verify(forged)


@pytest.mark.parametrize("payload", [b"[]", b"1", b"", b"{", b"[" * 9000, b"\xff"])
async def test_signed_claims_that_are_no_object_are_refused(
    verifier: TokenVerifier, signer: Signer, payload: bytes
) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(signer.sign_bytes(payload))


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b"[" * 9000,
        b'{"alg":"ES256"}',
        b'{"alg":["ES256"],"kid":"k1"}',
        b'{"kid":{}}',
        b"\xff",
    ],
)
async def test_what_has_another_header_is_refused(verifier: TokenVerifier, header: bytes) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(f"{base64.urlsafe_b64encode(header).decode()}.e30.AAAA")


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "..", "é"])
async def test_what_is_no_token_is_refused(verifier: TokenVerifier, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_a_revoked_session_is_refused(
    verifier: TokenVerifier, signer: Signer, revocations: FakeRevocations
) -> None:
    token = signer.sign()
    revocations.sessions.add("s1")
    with pytest.raises(Unauthenticated, match="ended"):
        await verifier.verify(token)


async def test_a_users_earlier_tokens_are_refused_and_later_ones_not(
    verifier: TokenVerifier, signer: Signer, revocations: FakeRevocations
) -> None:
    now = time.time()
    revocations.users["u1"] = now
    with pytest.raises(Unauthenticated, match="ended"):
        await verifier.verify(signer.sign(iat=now - 0.001))
    assert (await verifier.verify(signer.sign(iat=now + 0.001))).id == "u1"


async def test_new_keys_are_fetched_when_a_token_names_one(signer: Signer) -> None:
    successor = Signer("k2")
    keys = [signer.public]

    async def fetch() -> list[dict[str, Any]]:
        return list(keys)

    now = 0.0
    verifier = TokenVerifier(fetch, FakeRevocations(), lambda: now)
    await verifier.verify(signer.sign())
    keys.append(successor.public)
    with pytest.raises(Unauthenticated, match="unknown key"):
        await verifier.verify(successor.sign())
    now += 6
    assert (await verifier.verify(successor.sign())).id == "u1"


async def test_keys_that_only_one_replica_gives_out_are_merged() -> None:
    """In a rollout of a new key some replicas know it and others do not."""
    old, new = Signer("k1"), Signer("k2")
    answers = [[old.public, new.public], [old.public]]
    now = 0.0

    async def fetch() -> list[dict[str, Any]]:
        return answers.pop(0) if len(answers) > 1 else answers[0]

    verifier = TokenVerifier(fetch, FakeRevocations(), lambda: now)
    assert await verifier.verify(new.sign())
    now += 6
    with pytest.raises(Unauthenticated, match="unknown key"):
        await verifier.verify(Signer("k3").sign())
    for signer in (old, new):
        assert await verifier.verify(signer.sign())
    # One that no replica gives out any more is forgotten in the end.
    now += 31 * 60
    with pytest.raises(Unauthenticated, match="unknown key"):
        await verifier.verify(Signer("k3").sign())
    with pytest.raises(Unauthenticated, match="unknown key"):
        await verifier.verify(new.sign())


class Counting:
    """Counts the signatures that are checked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.checked = 0
        verify = jws.verify

        def counted(*args: Any) -> Any:
            self.checked += 1
            return verify(*args)

        monkeypatch.setattr("chassis.auth.tokens.jws.verify", counted)


async def test_a_signature_is_checked_once_and_its_end_each_time(
    verifier: TokenVerifier, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    signatures = Counting(monkeypatch)
    token = signer.sign(exp=time.time() + 900)
    first = await verifier.verify(token)
    assert await verifier.verify(token) == first
    assert signatures.checked == 1
    monkeypatch.setattr("chassis.auth.tokens.time.time", lambda: first.expires_at)
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.verify(token)
    assert signatures.checked == 1


async def test_a_token_that_is_known_is_refused_once_it_is_revoked(
    verifier: TokenVerifier, signer: Signer, revocations: FakeRevocations
) -> None:
    token = signer.sign()
    await verifier.verify(token)
    revocations.sessions.add("s1")
    with pytest.raises(Unauthenticated, match="ended"):
        await verifier.verify(token)


async def test_what_is_like_a_known_token_is_not_taken_for_it(
    verifier: TokenVerifier, signer: Signer
) -> None:
    token = signer.sign()
    await verifier.verify(token)
    for other in (token[:-4] + "AAAA", token + "A", token.rpartition(".")[0] + ".", f" {token}"):
        with pytest.raises(Unauthenticated):
            await verifier.verify(other)


async def test_known_tokens_are_forgotten_with_their_key() -> None:
    old, new = Signer("k1"), Signer("k2")
    given_out = [old.public]
    now = 0.0

    async def keys() -> list[dict[str, Any]]:
        return list(given_out)

    verifier = TokenVerifier(keys, FakeRevocations(), lambda: now)
    token = old.sign(exp=time.time() + 7200)
    assert await verifier.verify(token)
    given_out[:] = [new.public]
    now += 31 * 60
    assert await verifier.verify(new.sign())
    with pytest.raises(Unauthenticated, match="unknown key"):
        await verifier.verify(token)


async def test_only_so_many_tokens_are_remembered(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keys() -> list[dict[str, Any]]:
        return [signer.public]

    verifier = TokenVerifier(keys, FakeRevocations(), tokens_kept=2)
    signatures = Counting(monkeypatch)
    one, two, three = (signer.sign(sub=sub) for sub in ("u1", "u2", "u3"))
    for token in (one, two, one, three):
        await verifier.verify(token)
    assert signatures.checked == 3
    await verifier.verify(one)
    assert signatures.checked == 3
    await verifier.verify(two)
    assert signatures.checked == 4


async def test_who_a_revoked_token_was_given_to_is_known_without_redis(signer: Signer) -> None:
    class Away(FakeRevocations):
        async def is_revoked(self, session_id: str, user_id: str, issued_at: float) -> bool:
            raise Unavailable

    async def keys() -> list[dict[str, Any]]:
        return [signer.public]

    verifier = TokenVerifier(keys, Away())
    assert (await verifier.identify(signer.sign())).session_id == "s1"
    with pytest.raises(Unavailable):
        await verifier.verify(signer.sign())
    with pytest.raises(Unauthenticated):
        await verifier.identify(signer.sign(exp=time.time() - 1))

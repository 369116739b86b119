import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from svc_auth.peers.keys import KeyFileError, load_key_ring, make_key_file


def public_pem(path: Path) -> bytes:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def write_private(path: Path, key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> Path:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(key.private_bytes(encoding, form, serialization.NoEncryption()))
    return path


def test_an_absent_key_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "signing.pem"
    ring = load_key_ring(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["signing.pem"]
    assert load_key_ring(path) == ring


def test_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    with ThreadPoolExecutor(16) as pool:
        rings = list(pool.map(lambda _: load_key_ring(path), range(16)))
    assert len({ring.kid for ring in rings}) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["signing.pem"]


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "signing.pem"
    make_key_file(path)
    before = path.read_bytes()
    make_key_file(path)
    assert path.read_bytes() == before


def test_the_public_keys_name_the_algorithm_and_nothing_secret(tmp_path: Path) -> None:
    (jwk,) = load_key_ring(tmp_path / "signing.pem").jwks()
    assert set(jwk) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
    assert (jwk["kty"], jwk["crv"], jwk["alg"], jwk["use"]) == ("EC", "P-256", "ES256", "sig")
    assert len(jwk["x"]) == len(jwk["y"]) == 43


def test_the_key_id_is_the_thumbprint_of_rfc_7638(tmp_path: Path) -> None:
    # The key of RFC 7517, appendix A.1: the SHA-256 of its crv, kty, x and y as JSON.
    numbers = ec.EllipticCurvePrivateNumbers(
        int.from_bytes(
            bytes.fromhex("f3bd0c07a81fb932781ed52752f60cc89a6be5e51934fe01938ddb55d8f77801")
        ),
        ec.EllipticCurvePublicNumbers(
            int.from_bytes(
                bytes.fromhex("30a0424cd21c2944838a2d75c92b37e76ea20d9f00893a3b4eee8a3c0aafec3e")
            ),
            int.from_bytes(
                bytes.fromhex("e04b65e92456d9888b52b379bdfbd51ee869ef1f0fc65b6659695b6cce081723")
            ),
            ec.SECP256R1(),
        ),
    )
    ring = load_key_ring(write_private(tmp_path / "rfc.pem", numbers.private_key()))
    assert ring.verification_keys[0].x == "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"
    assert ring.kid == "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s"


def test_earlier_keys_are_given_out_after_the_present_one(tmp_path: Path) -> None:
    older, oldest = tmp_path / "older.pem", tmp_path / "oldest.pub"
    make_key_file(older)
    make_key_file(tmp_path / "oldest.pem")
    oldest.write_bytes(public_pem(tmp_path / "oldest.pem"))
    ring = load_key_ring(tmp_path / "signing.pem", [older, oldest])
    kids = [jwk["kid"] for jwk in ring.jwks()]
    assert kids[0] == ring.kid
    assert kids[1:] == [load_key_ring(older).kid, load_key_ring(tmp_path / "oldest.pem").kid]


def test_the_private_key_does_not_show_in_logs(tmp_path: Path) -> None:
    assert "PRIVATE" not in repr(load_key_ring(tmp_path / "signing.pem"))


def test_files_that_hold_no_p256_key_are_named(tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("not a key")
    another_kind = write_private(tmp_path / "ed.pem", ed25519.Ed25519PrivateKey.generate())
    another_curve = write_private(tmp_path / "p384.pem", ec.generate_private_key(ec.SECP384R1()))
    good = tmp_path / "good.pem"
    for bad in (garbage, another_kind, another_curve):
        with pytest.raises(KeyFileError, match=bad.name):
            load_key_ring(bad)
        with pytest.raises(KeyFileError, match=bad.name):
            load_key_ring(good, [bad])
    with pytest.raises(KeyFileError, match="absent"):
        load_key_ring(good, [tmp_path / "absent.pem"])
    with pytest.raises(KeyFileError, match="garbage"):
        load_key_ring(garbage / "below a file.pem")

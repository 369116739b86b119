import pytest

from tests.contract.svc_auth.conftest import Hashing

pytestmark = pytest.mark.anyio


async def test_a_password_matches_its_hash_only(hashing: Hashing) -> None:
    hashed = await hashing.passwords.hash("correct horse")
    assert await hashing.passwords.matches("correct horse", hashed)
    assert not await hashing.passwords.matches("Correct horse", hashed)
    assert not await hashing.passwords.matches("correct horse", None)


async def test_a_hash_has_its_own_salt(hashing: Hashing) -> None:
    assert await hashing.passwords.hash("x") != await hashing.passwords.hash("x")


async def test_a_hash_outlives_its_parameters(hashing: Hashing) -> None:
    hashed = await hashing.passwords.hash("correct horse")
    assert not hashing.passwords.is_outdated(hashed)
    assert hashing.dearer.is_outdated(hashed)
    assert await hashing.dearer.matches("correct horse", hashed)

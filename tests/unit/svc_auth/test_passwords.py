import asyncio
import threading
from collections.abc import AsyncIterator

import pytest
from argon2 import PasswordHasher

from svc_auth.peers.passwords import Argon2Passwords, Cost

pytestmark = pytest.mark.anyio

CHEAP = Cost(memory_kib=8, iterations=1)


@pytest.fixture
async def passwords() -> AsyncIterator[Argon2Passwords]:
    cheap = Argon2Passwords(CHEAP, at_once=2)
    yield cheap
    await cheap.aclose()


async def test_a_password_matches_its_own_hash_only(passwords: Argon2Passwords) -> None:
    hashed = await passwords.hash("correct horse")
    assert hashed.startswith("$argon2id$")
    assert await passwords.matches("correct horse", hashed)
    assert not await passwords.matches("Correct horse", hashed)
    assert hashed != await passwords.hash("correct horse")


async def test_what_is_no_hash_matches_nothing(passwords: Argon2Passwords) -> None:
    assert not await passwords.matches("", "")
    assert not await passwords.matches("x", "not a hash")
    assert not await passwords.matches("no one's password", None)


async def test_an_unknown_email_costs_as_much_as_a_wrong_password(
    passwords: Argon2Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counting(self: PasswordHasher, hash: str, password: str) -> bool:  # noqa: A002
        verified.append(hash.rsplit("$", 2)[0])
        return verify(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    hashed = await passwords.hash("correct horse")
    await passwords.matches("wrong", hashed)
    await passwords.matches("wrong", None)
    # One verification each, with the same parameters.
    assert len(verified) == 2
    assert verified[0] == verified[1]


async def test_hashes_with_other_parameters_are_outdated(passwords: Argon2Passwords) -> None:
    hashed = await passwords.hash("correct horse")
    dearer = Argon2Passwords(Cost(memory_kib=16, iterations=1), at_once=1)
    assert not passwords.is_outdated(hashed)
    assert dearer.is_outdated(hashed)
    assert await dearer.matches("correct horse", hashed)
    await dearer.aclose()


async def test_no_more_are_computed_at_once_than_allowed(
    passwords: Argon2Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock, running, most = threading.Lock(), 0, 0
    both = threading.Barrier(2)

    def slow(_: PasswordHasher, password: str) -> str:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait()
        with lock:
            running -= 1
        return password

    monkeypatch.setattr(PasswordHasher, "hash", slow)
    await asyncio.gather(*(passwords.hash("x") for _ in range(6)))
    assert most == 2

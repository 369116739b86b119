import time

import pytest

from chassis.ids import ALPHABET, ID_LENGTH, new_id, new_secret


def test_ids_have_26_characters_of_crockfords_alphabet() -> None:
    made = new_id()
    assert len(made) == ID_LENGTH == 26
    assert set(made) <= set(ALPHABET)


def test_ids_differ() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000


def test_ids_sort_by_the_time_they_were_made(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = [1, 31, 32, 1_700_000_000_000, 1_700_000_000_001, 2**48 - 1]
    made = []
    for moment in moments:
        monkeypatch.setattr(time, "time_ns", lambda moment=moment: moment * 1_000_000)
        made.append(new_id())
    assert made == sorted(made)


def test_an_id_begins_with_its_milliseconds(monkeypatch: pytest.MonkeyPatch) -> None:
    # The example of the ULID specification: 01ARYZ6S41 is 1469918176385 ms.
    monkeypatch.setattr(time, "time_ns", lambda: 1_469_918_176_385 * 1_000_000)
    assert new_id().startswith("01aryz6s41")


def test_secrets_have_256_bits_and_differ() -> None:
    assert {len(new_secret()) for _ in range(100)} == {43}
    assert len({new_secret() for _ in range(100)}) == 100

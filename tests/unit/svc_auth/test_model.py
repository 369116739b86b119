import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svc_auth.model.search import fold, grams, needed_grams
from svc_auth.model.session import REMEMBERED_TOKENS, Session, Standing, token_hash
from svc_auth.model.user import User, normal_email, normal_name, normal_password
from tests.unit.fake_clock import START

LIFETIME = timedelta(days=7)
GRACE = timedelta(seconds=10)


def session(**changes: object) -> Session:
    fresh = Session(
        id="s",
        user_id="u",
        epoch=0,
        user_agent="",
        created_at=START,
        last_used_at=START,
        expires_at=START + LIFETIME,
        chain_key=b"key",
        current=token_hash("first"),
    )
    return replace(fresh, **changes)  # type: ignore[arg-type]  # fields by name


def user(**changes: object) -> User:
    plain = User(id="u", email="a@b.c", password_hash="hash", created_at=START)
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields by name


def test_an_email_has_one_spelling() -> None:
    assert normal_email("  René@Example.COM ") == "rené@example.com"
    assert normal_email(unicodedata.normalize("NFD", "rené@example.com")) == "rené@example.com"


def test_a_password_has_one_spelling_but_keeps_its_case_and_spaces() -> None:
    assert normal_password(unicodedata.normalize("NFD", " Café ")) == " Café "


def test_a_name_is_one_line() -> None:
    assert normal_name(" Ann\n  Lee\t") == "Ann Lee"


@given(st.text(max_size=30), st.integers(0, 30), st.integers(0, 30))
def test_every_part_of_a_text_is_found_by_the_grams_that_are_kept(
    text: str, start: int, length: int
) -> None:
    part = fold(text)[start : start + length]
    assert set(needed_grams(part)) <= set(grams([text]))


def test_a_text_without_a_trigram_of_the_query_is_not_found() -> None:
    assert not set(needed_grams("annbob")) <= set(grams(["ann@example.com"]))


def test_a_query_looks_up_a_few_grams_only() -> None:
    assert needed_grams("  ") == []
    assert needed_grams("An") == ["an"]
    assert needed_grams("Annabel") == ["ann", "abe"]
    assert len(needed_grams("x" * 100)) == 4


def test_the_first_token_is_current_and_others_are_not() -> None:
    assert session().standing("first", START, GRACE) is Standing.CURRENT
    assert session().standing("another", START, GRACE) is Standing.REUSED


def test_a_rotated_token_is_just_used_for_the_grace_period_and_reused_after_it() -> None:
    rotated = session().rotated("first", START, LIFETIME)
    assert rotated.standing("first", START + GRACE, GRACE) is Standing.JUST_USED
    late = START + GRACE + timedelta(milliseconds=1)
    assert rotated.standing("first", late, GRACE) is Standing.REUSED
    assert rotated.standing(rotated.successor("first"), late, GRACE) is Standing.CURRENT


def test_a_rotation_extends_the_session() -> None:
    later = START + timedelta(days=3)
    rotated = session().rotated("first", later, LIFETIME)
    assert rotated.expires_at == later + LIFETIME
    assert rotated.last_used_at == later


@pytest.mark.parametrize(
    "dead", [session(ended_at=START), session(expires_at=START)], ids=["ended", "expired"]
)
def test_a_token_of_a_session_that_is_over_is_dead(dead: Session) -> None:
    assert dead.standing("first", START, GRACE) is Standing.DEAD


def test_successors_differ_by_session_and_are_256_bits() -> None:
    one, other = session(), session(chain_key=b"other")
    assert one.successor("first") != other.successor("first")
    assert len(one.successor("first")) == 43


def test_the_live_end_is_found_from_any_token_that_is_remembered() -> None:
    chain, tokens = session(), ["first"]
    for _ in range(3):
        chain = chain.rotated(tokens[-1], START, LIFETIME)
        tokens.append(chain.successor(tokens[-1]))
    assert {chain.live_end(token) for token in tokens[:-1]} == {tokens[-1]}
    with pytest.raises(ValueError, match="not of this chain"):
        chain.live_end("stranger")


def test_a_session_remembers_its_last_tokens_only() -> None:
    chain, token = session(), "first"
    for _ in range(REMEMBERED_TOKENS + 1):
        chain, token = chain.rotated(token, START, LIFETIME), chain.successor(token)
    assert len(chain.used) == REMEMBERED_TOKENS
    assert token_hash("first") not in {used.hash for used in chain.used}


def test_a_user_admits_sessions_of_the_present_epoch_and_the_kept_one() -> None:
    assert user().admits(session())
    assert not user(epoch=1).admits(session())
    assert user(epoch=1, kept_session="s").admits(session())
    assert not user(is_blocked=True).admits(session())


def test_secrets_do_not_show_in_logs() -> None:
    assert "hash" not in repr(user()).replace("password_hash", "")
    assert "key" not in repr(session())

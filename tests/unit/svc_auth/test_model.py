from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from svc_auth.model.search import fold, grams, needed_grams
from svc_auth.model.session import RECENT_ROTATIONS, Session, TokenStatus, session_id_of, token_hash
from svc_auth.model.user import User, device_name, normal_address, normal_name
from tests.support.clock import START

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


def test_a_name_is_one_line() -> None:
    assert normal_name(" Ann\n  Lee\t") == "Ann Lee"


def test_an_address_keeps_its_lines() -> None:
    assert normal_address(" 1 Road\r\nTown\n ") == "1 Road\nTown"


def test_a_device_is_named_without_what_cannot_be_seen() -> None:
    assert device_name("Fire\u202efox\x1b[31m\u00ad 1\u0085 ") == "Fire fox [31m 1"
    assert len(device_name("x" * 5000)) == 300


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


def chain(rotations: int, at: datetime = START) -> tuple[Session, list[str]]:
    """A session after so many rotations, and all of its tokens."""
    key = session(current=b"")
    tokens = [key.first_token("secret")]
    current = session(current=token_hash(tokens[0]))
    for _ in range(rotations):
        current = current.rotated(tokens[-1], at, LIFETIME)
        tokens.append(current.successor(tokens[-1]))
    return current, tokens


LATE = START + GRACE + timedelta(milliseconds=1)


def test_the_newest_token_is_current() -> None:
    for rotations in range(3):
        current, tokens = chain(rotations)
        assert current.token_status(tokens[-1], LATE, GRACE) is TokenStatus.CURRENT


def test_used_tokens_are_just_used_for_the_grace_period() -> None:
    current, tokens = chain(3)
    for token in tokens[:-1]:
        assert current.token_status(token, START + GRACE, GRACE) is TokenStatus.JUST_USED
        assert current.live_end(token) == tokens[-1]


def test_after_that_all_but_the_last_used_token_are_reused_for_ever() -> None:
    current, tokens = chain(300)
    much_later = START + timedelta(days=6)
    for now in (LATE, much_later):
        assert {current.token_status(token, now, GRACE) for token in tokens[:-2]} == {
            TokenStatus.REUSED
        }
        # Nobody has presented the last token: its reply may be lost.
        assert current.token_status(tokens[-2], now, GRACE) is TokenStatus.LOST_REPLY
    assert current.live_end(tokens[-2]) == tokens[-1]


def test_a_session_takes_no_more_room_however_often_it_is_refreshed() -> None:
    assert len(chain(300)[0].rotations) == RECENT_ROTATIONS


def test_of_two_generations_in_a_row_one_reply_may_be_lost() -> None:
    current, tokens = chain(2)
    assert (
        replace(current, replayed=1).token_status(tokens[1], LATE, GRACE) is TokenStatus.LOST_REPLY
    )
    assert replace(current, replayed=0).token_status(tokens[1], LATE, GRACE) is TokenStatus.REUSED


def test_a_token_names_its_session_and_proves_it() -> None:
    current, tokens = chain(3)
    for token in tokens:
        assert session_id_of(token) == "s"
        assert current.issued(token)
        assert not session(chain_key=b"other").issued(token)
        for part in range(4):
            forged = token.split(".")
            forged[part] = "9"
            assert not current.issued(".".join(forged))


@pytest.mark.parametrize("text", ["", "made up", "s.0.x", "s.x.y.z", "....", "é"])
def test_what_is_no_token_is_not_issued(text: str) -> None:
    assert not chain(0)[0].issued(text)


def test_a_live_token_of_before_tokens_named_their_session_is_followed_by_one_that_does() -> None:
    old = session(current=token_hash("opaque"))
    assert session_id_of("opaque") == ""
    assert old.issued("opaque")
    assert old.token_status("opaque", START, GRACE) is TokenStatus.CURRENT
    assert session_id_of(old.successor("opaque")) == "s"
    new = old.rotated("opaque", START, LIFETIME)
    assert new.token_status(old.successor("opaque"), LATE, GRACE) is TokenStatus.CURRENT


def test_a_rotation_extends_the_session() -> None:
    later = START + timedelta(days=3)
    rotated, _ = chain(1, later)
    assert rotated.expires_at == later + LIFETIME
    assert rotated.last_used_at == later


@pytest.mark.parametrize("over", [{"ended_at": START}, {"expires_at": START}])
def test_a_token_of_a_session_that_is_over_is_dead(over: dict[str, datetime]) -> None:
    current, tokens = chain(1)
    dead = replace(current, **over)  # type: ignore[arg-type]  # fields by name
    assert {dead.token_status(token, START, GRACE) for token in tokens} == {TokenStatus.DEAD}


def test_successors_differ_by_session() -> None:
    _, tokens = chain(1)
    assert session(chain_key=b"other").successor(tokens[0]) != tokens[1]


def test_a_user_admits_sessions_of_the_present_epoch_and_the_kept_one() -> None:
    assert user().admits(session())
    assert not user(epoch=1).admits(session())
    assert user(epoch=1, kept_session="s").admits(session())
    assert not user(is_blocked=True).admits(session())


def test_secrets_do_not_show_in_logs() -> None:
    assert "hash" not in repr(user()).replace("password_hash", "")
    assert "key" not in repr(session())

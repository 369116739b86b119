import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from svc_auth.model.session import RECENT_ROTATIONS, Session, token_hash
from svc_auth.model.user import User
from svc_auth.store import MongoSessions
from svc_auth.usecases.ports import Sessions
from tests.support.clock import START

pytestmark = pytest.mark.anyio

LIFETIME = timedelta(days=7)
LATER = START + timedelta(minutes=1)


def session(session_id: str = "s1", **changes: object) -> Session:
    fresh = Session(
        id=session_id,
        user_id="u1",
        epoch=0,
        user_agent="laptop",
        created_at=START,
        last_used_at=START,
        expires_at=START + LIFETIME,
        chain_key=token_hash(f"key of {session_id}"),
        current=token_hash(first_token(session_id)),
    )
    return replace(fresh, **changes)  # type: ignore[arg-type]  # fields by name


def first_token(session_id: str) -> str:
    return f"first token of {session_id}"


def user(epoch: int, kept_session: str = "") -> User:
    return User(
        id="u1",
        email="",
        password_hash="",
        created_at=START,
        epoch=epoch,
        kept_session=kept_session,
    )


async def rotate(sessions: Sessions, old: Session, token: str) -> Session:
    new = old.rotated(token, LATER, LIFETIME)
    assert await sessions.rotate(old, new)
    return new


async def test_a_session_is_kept_as_it_is(sessions: Sessions) -> None:
    await sessions.add(session())
    assert await sessions.get("s1") == session()
    assert await sessions.get("unknown") is None


async def test_a_session_is_found_by_its_live_token(sessions: Sessions) -> None:
    await sessions.add(session("s1"))
    await sessions.add(session("s2"))
    rotated = await rotate(sessions, session("s1"), first_token("s1"))
    assert await sessions.find(rotated.current) == rotated
    assert await sessions.find(token_hash(first_token("s2"))) == session("s2")
    assert await sessions.find(token_hash(first_token("s1"))) is None
    assert await sessions.find(token_hash("unknown")) is None


async def test_of_rotations_at_once_one_is_kept(sessions: Sessions) -> None:
    old = session()
    await sessions.add(old)
    new = old.rotated(first_token("s1"), LATER, LIFETIME)
    assert sum(await asyncio.gather(*(sessions.rotate(old, new) for _ in range(10)))) == 1
    assert await sessions.get("s1") == new


async def test_a_session_that_has_ended_is_not_rotated(sessions: Sessions) -> None:
    old = session()
    await sessions.add(old)
    assert await sessions.end(["s1"], LATER)
    assert not await sessions.rotate(old, old.rotated(first_token("s1"), LATER, LIFETIME))
    assert await sessions.get("s1") == replace(old, ended_at=LATER)


async def test_a_session_keeps_the_times_of_its_last_rotations_only(sessions: Sessions) -> None:
    current, token = session(), first_token("s1")
    await sessions.add(current)
    for _ in range(RECENT_ROTATIONS + 2):
        current, token = await rotate(sessions, current, token), current.successor(token)
    assert len(current.rotations) == RECENT_ROTATIONS
    assert await sessions.get("s1") == current


async def test_a_replay_is_noted_unless_the_session_went_on(sessions: Sessions) -> None:
    old = session()
    await sessions.add(old)
    rotated = await rotate(sessions, old, first_token("s1"))
    assert not await sessions.note_replay(old)
    assert await sessions.note_replay(rotated)
    noted = replace(rotated, replayed=0)
    assert await sessions.get("s1") == noted
    again = noted.rotated(noted.successor(first_token("s1")), LATER, LIFETIME)
    assert await sessions.rotate(rotated, again)
    assert await sessions.get("s1") == again
    await sessions.end(["s1"], LATER)
    assert not await sessions.note_replay(again)


async def test_a_session_ends_once(sessions: Sessions) -> None:
    await sessions.add(session())
    assert await sessions.end(["s1"], LATER)
    assert not await sessions.end(["s1"], LATER + timedelta(seconds=1))
    assert not await sessions.end(["unknown"], LATER)
    assert await sessions.get("s1") == session(ended_at=LATER)


async def test_sessions_that_ended_lately_are_found(sessions: Sessions) -> None:
    for session_id in ("s1", "s2", "s3"):
        await sessions.add(session(session_id))
    assert await sessions.ended_since(START) == []
    await sessions.end(["s1"], START)
    await sessions.end(["s2"], LATER)
    assert sorted(await sessions.ended_since(START)) == ["s1", "s2"]
    assert await sessions.ended_since(LATER) == ["s2"]


async def test_live_sessions_of_a_user_are_listed_newest_first(sessions: Sessions) -> None:
    for number in range(1, 5):
        await sessions.add(session(f"s{number}"))
    await rotate(sessions, session("s2"), first_token("s2"))
    await sessions.add(session("expired", expires_at=LATER))
    await sessions.add(session("another user's", user_id="u2"))
    await sessions.add(session("ended"))
    await sessions.end(["ended"], START)
    first = await sessions.page("u1", LATER, before=None, limit=3)
    rest = await sessions.page("u1", LATER, before=first[-1].id, limit=3)
    assert [each.id for each in [*first, *rest]] == ["s4", "s3", "s2", "s1"]
    assert await sessions.count("u1", LATER) == 4


async def test_sessions_of_older_epochs_are_outdated_but_for_the_kept_one(
    sessions: Sessions,
) -> None:
    await sessions.add(session("s1"))
    await sessions.add(session("s2"))
    await sessions.add(session("s3", epoch=1))
    await sessions.add(session("expired", expires_at=LATER))
    await sessions.add(session("another user's", user_id="u2"))
    assert sorted(await sessions.outdated(user(epoch=1), LATER)) == ["s1", "s2"]
    assert await sessions.outdated(user(epoch=1, kept_session="s2"), LATER) == ["s1"]
    assert await sessions.outdated(user(epoch=0), LATER) == []


async def test_sessions_end_once(sessions: Sessions) -> None:
    for session_id in ("s1", "s2", "s3"):
        await sessions.add(session(session_id))
    assert await sessions.end(["s1"], START)
    assert await sessions.end(["s1", "s2"], LATER)
    assert not await sessions.end(["s1", "s2"], LATER)
    assert not await sessions.end([], LATER)
    assert await sessions.get("s1") == session("s1", ended_at=START)
    assert await sessions.get("s2") == session("s2", ended_at=LATER)
    assert await sessions.outdated(user(epoch=1), LATER) == ["s3"]


async def test_a_session_of_before_tokens_named_theirs_is_read(
    database: AsyncDatabase[Document],
) -> None:
    sessions = MongoSessions(database)
    await sessions.add(session())
    new = ("generation", "rotations", "replayed")
    old = {"$unset": dict.fromkeys(new, ""), "$set": {"used": [{"hash": b"h", "at": START}]}}
    await database["sessions"].update_one({"_id": "s1"}, old)
    assert await sessions.find(token_hash(first_token("s1"))) == session()
    rotated = await rotate(sessions, session(), first_token("s1"))
    assert await sessions.get("s1") == rotated
    document = await database["sessions"].find_one({"_id": "s1"})
    assert document is not None
    assert "used" not in document

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from svc_auth.model.refusals import EmailTaken
from svc_auth.model.user import Role, User
from svc_auth.store import MongoUsers
from svc_auth.usecases.ports import Change, Changed, Hold, Unchanged, UserFilter, Users
from tests.support.clock import START

pytestmark = pytest.mark.anyio

LATER = START + timedelta(minutes=1)
HOUR = timedelta(hours=1)


def user(user_id: str = "u1", **changes: object) -> User:
    plain = User(
        id=user_id,
        email=f"{user_id}@example.com",
        password_hash="old hash",
        name="Ann Lee",
        phone="555",
        address="1 Road\nTown",
        created_at=START,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # fields by name


async def test_an_account_is_kept_as_it_is(users: Users) -> None:
    ann = user(role=Role.ADMIN)
    await users.add(ann)
    assert await users.get("u1") == ann
    assert await users.find("u1@example.com") == ann
    assert await users.get("nobody") is None
    assert await users.find("nobody@example.com") is None


async def test_of_many_who_take_an_email_at_once_one_gets_it(users: Users) -> None:
    async def sign_up(number: int) -> bool:
        try:
            await users.add(user(f"u{number}", email="ann@example.com"))
        except EmailTaken:
            return False
        return True

    assert sum(await asyncio.gather(*map(sign_up, range(20)))) == 1


async def test_a_profile_changes_by_field(users: Users) -> None:
    await users.add(user())
    changed = await users.update_profile("u1", name=None, phone="", address=None)
    assert changed == user(phone="")
    changed = await users.update_profile("u1", name="Bea", phone=None, address="x")
    assert changed == user(phone="", name="Bea", address="x")
    assert await users.update_profile("u1", name=None, phone=None, address=None) == changed
    assert await users.update_profile("nobody", name="x", phone=None, address=None) is None


async def test_a_new_name_is_found_and_the_old_one_is_not(users: Users) -> None:
    await users.add(user())
    await users.update_profile("u1", name="Bea", phone=None, address=None)
    assert await users.count(UserFilter(query="bea")) == 1
    assert await users.count(UserFilter(query="lee")) == 0
    assert await users.count(UserFilter(query="u1@exam")) == 1


async def test_a_rehash_never_undoes_a_change_of_password(users: Users) -> None:
    await users.add(user())
    await users.rehash("u1", "old hash", "same password")
    assert await users.get("u1") == user(password_hash="same password")
    await users.rehash("u1", "old hash", "too late")
    assert await users.get("u1") == user(password_hash="same password")


async def test_a_password_changes_once_from_the_same_old_one(users: Users) -> None:
    await users.add(user())
    changed = await users.change_password("u1", "old hash", "new", keep_session="s1", at=LATER)
    assert changed == user(password_hash="new", epoch=1, epoch_began_at=LATER, kept_session="s1")
    again = await users.change_password("u1", "old hash", "other", keep_session="s2", at=LATER)
    assert again is None
    assert await users.get("u1") == changed
    assert await users.change_password("u2", "", "", keep_session="", at=LATER) is None


RIGHTS: dict[str, Any] = {"rights_changed_at": LATER, "rights_changed_by": "admin@example.com"}


def change(user_id: str = "u1") -> Change:
    return Change(user_id, LATER, "admin@example.com")


async def test_blocking_begins_an_epoch_once(users: Users) -> None:
    await users.add(user(kept_session="s1"))
    blocked = user(is_blocked=True, epoch=1, epoch_began_at=LATER, **RIGHTS)
    assert await users.block(change()) == (blocked, True)
    assert await users.block(change()) == (blocked, False)
    assert await users.block(change("nobody")) is Unchanged.NOT_THERE
    assert await users.unblock(change()) == (replace(blocked, is_blocked=False), True)
    assert await users.unblock(change()) == (replace(blocked, is_blocked=False), False)
    assert await users.unblock(change("nobody")) is Unchanged.NOT_THERE


async def test_another_role_begins_an_epoch(users: Users) -> None:
    await users.add(user())
    assert await users.set_role(change(), Role.USER) == (user(), False)
    promoted = user(role=Role.ADMIN, epoch=1, epoch_began_at=LATER, **RIGHTS)
    assert await users.set_role(change(), Role.ADMIN) == (promoted, True)
    assert await users.set_role(change("nobody"), Role.ADMIN) is Unchanged.NOT_THERE


async def test_only_an_admin_who_is_not_blocked_holds_rights(users: Users) -> None:
    await users.add(user("u1"))
    await users.add(user("u2", role=Role.ADMIN, is_blocked=True))
    admin = user("u3", role=Role.ADMIN)
    await users.add(admin)
    hold = Hold("h", LATER + HOUR)
    assert await users.hold_rights("u1", hold) is None
    assert await users.hold_rights("u2", hold) is None
    assert await users.hold_rights("nobody", hold) is None
    assert await users.hold_rights("u3", hold) == admin


async def test_rights_that_are_held_stay_until_the_last_hold_is_released_or_over(
    users: Users,
) -> None:
    admin = user(role=Role.ADMIN)
    await users.add(admin)
    one, other = Hold("h1", LATER + HOUR), Hold("h2", LATER + HOUR)
    for hold in (one, other, Hold("left behind", LATER)):
        await users.hold_rights("u1", hold)
    for hold in (one, other):
        assert await users.block(change()) is Unchanged.HELD
        assert await users.set_role(change(), Role.USER) is Unchanged.HELD
        await users.release_rights("u1", hold)
        await users.release_rights("u1", hold)
    assert await users.get("u1") == admin
    changed = await users.set_role(change(), Role.USER)
    assert isinstance(changed, tuple)
    assert changed[1]


async def test_an_epoch_is_due_until_its_sessions_have_been_ended(users: Users) -> None:
    await users.add(user("u1"))
    await users.add(user("u2"))
    assert await users.due() == []
    blocked = _changed(await users.block(change()))
    assert await users.due() == [blocked]
    promoted = _changed(await users.set_role(change(), Role.ADMIN))
    await users.settled(blocked)  # an older epoch: the new one is due still
    assert await users.due() == [promoted]
    await users.settled(promoted)
    assert await users.due() == []


def _changed(changed: Changed) -> User:
    assert isinstance(changed, tuple)
    return changed[0]


async def test_accounts_whose_epoch_began_lately_are_found(users: Users) -> None:
    await users.add(user("u1"))
    await users.add(user("u2"))
    assert await users.changed_since(START) == []
    blocked = _changed(await users.block(change()))
    assert await users.changed_since(LATER) == [blocked]
    assert await users.changed_since(LATER + timedelta(milliseconds=1)) == []


async def test_accounts_are_listed_newest_first(users: Users) -> None:
    for number in range(1, 6):
        await users.add(user(f"u{number}"))
    everyone = UserFilter()
    first = await users.page(everyone, before=None, limit=2)
    rest = await users.page(everyone, before=first[-1].id, limit=9)
    assert [each.id for each in [*first, *rest]] == ["u5", "u4", "u3", "u2", "u1"]
    assert await users.count(everyone) == 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["u3", "u2", "u1"]),
        ("ann", ["u1"]),
        ("NN L", ["u1"]),
        ("+", ["u3"]),
        ("ee", ["u1"]),
        ("élan", ["u2"]),
        ("ÉLAN", ["u2"]),
        ("u2@example.com", ["u2"]),
        ("example.com", ["u3", "u2", "u1"]),
        ("example.comm", []),
        ("com ann", []),
        (".*", []),
        ("a.c+x(y)", ["u3"]),
        ("a long query that holds many trigrams none of which is there", []),
    ],
)
async def test_accounts_are_found_by_any_part_of_email_or_name(
    users: Users, query: str, found: list[str]
) -> None:
    await users.add(user("u1", name="Ann Lee"))
    await users.add(user("u2", name="Élan Vital"))
    await users.add(user("u3", name="a.c+x(y) n"))
    wanted = UserFilter(query=query)
    assert [each.id for each in await users.page(wanted, before=None, limit=9)] == found
    assert await users.count(wanted) == len(found)


async def test_filters_narrow_together(users: Users) -> None:
    await users.add(user("u1", role=Role.ADMIN))
    await users.add(user("u2", role=Role.ADMIN, is_blocked=True))
    await users.add(user("u3", is_blocked=True))
    for wanted, found in [
        (UserFilter(role=Role.ADMIN), ["u2", "u1"]),
        (UserFilter(blocked=True), ["u3", "u2"]),
        (UserFilter(blocked=False), ["u1"]),
        (UserFilter(role=Role.ADMIN, blocked=True), ["u2"]),
        (UserFilter(query="u2@", role=Role.ADMIN, blocked=True), ["u2"]),
        (UserFilter(query="u3@", role=Role.ADMIN), []),
    ]:
        assert [each.id for each in await users.page(wanted, before=None, limit=9)] == found
        assert await users.count(wanted) == len(found)
    after = await users.page(UserFilter(blocked=True), before="u3", limit=9)
    assert [each.id for each in after] == ["u2"]


async def test_an_account_of_before_its_rights_were_followed_is_read(
    database: AsyncDatabase[Document],
) -> None:
    users = MongoUsers(database)
    await users.add(user())
    new = ("rights_changed_at", "rights_changed_by")
    await database["users"].update_one({"_id": "u1"}, {"$unset": dict.fromkeys(new, "")})
    assert await users.get("u1") == user()

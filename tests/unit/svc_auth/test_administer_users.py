from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from chassis.errors import NotFound, PermissionDenied, Unavailable
from svc_auth.model.refusals import OwnAccount, RefreshInvalid
from svc_auth.model.user import Role, User
from svc_auth.usecases.administer_users import HOLD, BlockUser, ChangeRights, SetUserRole
from svc_auth.usecases.end_sessions import EndSessions
from svc_auth.usecases.ports import Change, Hold, UserFilter
from tests.support.interleaving import Turns, every_interleaving
from tests.unit.svc_auth.fakes import Names
from tests.unit.svc_auth.world import REPEATED_FOR, World

pytestmark = pytest.mark.anyio


async def test_blocking_ends_every_session_everywhere(world: World) -> None:
    laptop, phone = await world.sign_up(), await world.sign_in()
    blocked = await world.do.block_user(world.admin(), laptop.user.id)
    assert blocked.is_blocked
    assert sorted(world.revocations.sessions) == sorted(world.sessions.kept)
    assert world.revocations.users == {laptop.user.id: world.clock.now}
    for device in (laptop, phone):
        with pytest.raises(RefreshInvalid):
            await world.do.refresh(device.refresh_token)


async def test_blocking_twice_is_blocking_once(world: World) -> None:
    user = (await world.sign_up()).user
    first = await world.do.block_user(world.admin(), user.id)
    world.revocations.sessions.clear()
    world.clock.forward(seconds=1)
    assert await world.do.block_user(world.admin(), user.id) == first
    assert world.revocations.sessions == []


async def test_unblocking_lets_sign_in_again_but_revives_no_session(world: World) -> None:
    signed_in = await world.sign_up()
    await world.do.block_user(world.admin(), signed_in.user.id)
    unblocked = await world.do.unblock_user(world.admin(), signed_in.user.id)
    assert not unblocked.is_blocked
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(signed_in.refresh_token)
    assert await world.sign_in()


async def test_without_redis_a_block_stands_and_is_announced_later(world: World) -> None:
    signed_in = await world.sign_up()
    world.revocations.is_away = True
    blocked_at = world.clock.now
    assert (await world.do.block_user(world.admin(), signed_in.user.id)).is_blocked
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(signed_in.refresh_token)
    # What is announced later must not void what the user was given in between.
    await world.do.unblock_user(world.admin(), signed_in.user.id)
    world.clock.forward(seconds=30)
    await world.sign_in()
    world.revocations.is_away = False
    await world.end.repeat()
    assert world.revocations.sessions == ["session-0001"]
    assert world.revocations.users == {signed_in.user.id: blocked_at}


async def test_a_block_whose_process_died_right_after_it_ends_the_sessions_too(
    world: World,
) -> None:
    user = (await world.sign_up()).user
    await world.users.block(Change(user.id, world.clock(), "admin@example.com"))
    await world.end.repeat()
    assert world.revocations.sessions == ["session-0001"]
    assert user.id in world.revocations.users
    assert world.sessions.kept["session-0001"].ended_at == world.clock.now
    assert await world.users.due() == []


async def test_a_new_role_ends_the_sessions_that_carry_the_old_one(world: World) -> None:
    signed_in = await world.sign_up()
    promoted = await world.do.set_user_role(world.admin(), signed_in.user.id, Role.ADMIN)
    assert promoted.role is Role.ADMIN
    assert world.revocations.sessions == [world.newest_session]
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(signed_in.refresh_token)
    assert "as admin" in (await world.sign_in()).access_token


async def test_the_same_role_again_ends_nothing(world: World) -> None:
    signed_in = await world.sign_up()
    await world.do.set_user_role(world.admin(), signed_in.user.id, Role.USER)
    assert await world.do.refresh(signed_in.refresh_token)


async def test_nobody_blocks_or_promotes_themself(world: World) -> None:
    user = (await world.sign_up()).user
    with pytest.raises(OwnAccount):
        await world.do.block_user(user.id, user.id)
    with pytest.raises(OwnAccount):
        await world.do.set_user_role(user.id, user.id, Role.ADMIN)
    assert world.users.kept[user.id] == user


async def test_an_account_that_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        await world.do.block_user(world.admin(), "nobody")
    with pytest.raises(NotFound):
        await world.do.unblock_user(world.admin(), "nobody")
    with pytest.raises(NotFound):
        await world.do.set_user_role(world.admin(), "nobody", Role.ADMIN)


async def test_who_is_no_admin_any_more_changes_nothing(world: World) -> None:
    user = (await world.sign_up()).user
    world.users.kept["admin"] = replace(world.users.kept[world.admin()], role=Role.USER)
    with pytest.raises(PermissionDenied):
        await world.do.block_user("admin", user.id)
    assert world.users.kept[user.id] == user


async def test_an_admin_who_died_while_changing_others_can_be_blocked_later(world: World) -> None:
    user = (await world.sign_up()).user
    await world.do.set_user_role(world.admin(), user.id, Role.ADMIN)
    await world.users.hold_rights(user.id, Hold("left behind", world.clock.now + HOLD))
    with pytest.raises(Unavailable):
        await world.do.block_user(world.admin(), user.id)
    world.clock.now += HOLD
    assert (await world.do.block_user(world.admin(), user.id)).is_blocked


async def test_it_can_be_seen_who_changed_the_rights_of_an_account(world: World) -> None:
    user = (await world.sign_up()).user
    with capture_logs() as logs:
        await world.do.block_user(world.admin(), user.id)
        await world.do.block_user(world.admin(), user.id)
    noted = {"event": "rights changed", "what": "blocked", "user_id": user.id, "by": "admin"}
    assert [each for each in logs if each["event"] == "rights changed"] == [
        noted | {"log_level": "info"}
    ]
    (listed,) = await world.users.page(UserFilter(query=user.email), before=None, limit=9)
    assert (listed.rights_changed_by, listed.rights_changed_at) == (
        "admin@example.com",
        world.clock.now,
    )


@pytest.mark.parametrize("one", ["block", "demote"])
@pytest.mark.parametrize("other", ["block", "demote"])
async def test_admins_who_take_each_others_rights_away_at_once_leave_one(
    one: str, other: str
) -> None:
    async def run(turns: Turns) -> None:
        world = World()
        for name in ("ann", "bob"):
            admin = replace(world.users.kept[world.admin()], id=name, email=f"{name}@example.com")
            world.users.kept[name] = admin
        del world.users.kept["admin"]
        users, sessions = turns.on(world.users), turns.on(world.sessions)
        end = EndSessions(users, sessions, turns.on(world.revocations), world.clock, REPEATED_FOR)
        new_id = Names("hold")

        async def change(what: str, by: str, whom: str) -> User:
            change_rights = ChangeRights(users, end, world.clock, new_id)
            if what == "block":
                return await BlockUser(change_rights)(by, whom)
            return await SetUserRole(change_rights)(by, whom, Role.USER)

        outcomes = await turns.both(change(one, "ann", "bob"), change(other, "bob", "ann"))
        left = [u for u in world.users.kept.values() if u.role is Role.ADMIN and not u.is_blocked]
        assert left
        # Whoever did not succeed is told why, and may try again.
        assert all(isinstance(o, User | PermissionDenied | Unavailable) for o in outcomes), outcomes
        assert not any(world.users.holds.values())

    assert await every_interleaving(run) > 10


async def test_accounts_are_listed_newest_first_in_pages(world: World) -> None:
    for name in ("ann", "bob", "cid"):
        await world.sign_up(f"{name}@example.com", name)
    first = await world.do.list_users(UserFilter(), before=None, limit=2)
    assert [user.name for user in first.users] == ["cid", "bob"]
    assert (first.has_more, first.total) == (True, 3)
    rest = await world.do.list_users(UserFilter(), before=first.users[-1].id, limit=2)
    assert [user.name for user in rest.users] == ["ann"]
    assert not rest.has_more

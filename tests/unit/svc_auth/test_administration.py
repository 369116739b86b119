import pytest

from chassis.errors import NotFound
from svc_auth.model.refusals import OwnAccount, RefreshInvalid
from svc_auth.model.user import Role
from svc_auth.usecases.ports import UserFilter
from tests.unit.svc_auth.world import World

pytestmark = pytest.mark.anyio


async def test_blocking_ends_every_session_everywhere(world: World) -> None:
    laptop, phone = await world.sign_up(), await world.sign_in()
    blocked = await world.do.block_user("admin", laptop.user.id)
    assert blocked.is_blocked
    assert sorted(world.revocations.sessions) == sorted(world.sessions.kept)
    assert world.revocations.users == {laptop.user.id: world.clock.now}
    for device in (laptop, phone):
        with pytest.raises(RefreshInvalid):
            await world.do.refresh(device.refresh_token)


async def test_blocking_twice_is_blocking_once(world: World) -> None:
    user = (await world.sign_up()).user
    first = await world.do.block_user("admin", user.id)
    world.revocations.sessions.clear()
    assert await world.do.block_user("admin", user.id) == first
    assert world.revocations.sessions == []


async def test_unblocking_lets_sign_in_again_but_revives_no_session(world: World) -> None:
    signed_in = await world.sign_up()
    await world.do.block_user("admin", signed_in.user.id)
    unblocked = await world.do.unblock_user(signed_in.user.id)
    assert not unblocked.is_blocked
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(signed_in.refresh_token)
    assert await world.sign_in()


async def test_without_redis_a_block_stands_and_is_announced_later(world: World) -> None:
    signed_in = await world.sign_up()
    world.revocations.is_away = True
    blocked_at = world.clock.now
    assert (await world.do.block_user("admin", signed_in.user.id)).is_blocked
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(signed_in.refresh_token)
    # What is announced later must not void what the user was given in between.
    await world.do.unblock_user(signed_in.user.id)
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
    await world.users.block(user.id, world.clock())
    await world.end.repeat()
    assert world.revocations.sessions == ["session-0001"]
    assert user.id in world.revocations.users
    assert world.sessions.kept["session-0001"].ended_at == world.clock.now
    assert await world.users.due() == []


async def test_a_new_role_ends_the_sessions_that_carry_the_old_one(world: World) -> None:
    signed_in = await world.sign_up()
    promoted = await world.do.set_user_role("admin", signed_in.user.id, Role.ADMIN)
    assert promoted.role is Role.ADMIN
    assert world.revocations.sessions == [world.newest_session]
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(signed_in.refresh_token)
    assert "as admin" in (await world.sign_in()).access_token


async def test_the_same_role_again_ends_nothing(world: World) -> None:
    signed_in = await world.sign_up()
    await world.do.set_user_role("admin", signed_in.user.id, Role.USER)
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
        await world.do.block_user("admin", "nobody")
    with pytest.raises(NotFound):
        await world.do.unblock_user("nobody")
    with pytest.raises(NotFound):
        await world.do.set_user_role("admin", "nobody", Role.ADMIN)


async def test_accounts_are_listed_newest_first_in_pages(world: World) -> None:
    for name in ("ann", "bob", "cid"):
        await world.sign_up(f"{name}@example.com", name)
    first = await world.do.list_users(UserFilter(), before=None, limit=2)
    assert [user.name for user in first.users] == ["cid", "bob"]
    assert (first.has_more, first.total) == (True, 3)
    rest = await world.do.list_users(UserFilter(), before=first.users[-1].id, limit=2)
    assert [user.name for user in rest.users] == ["ann"]
    assert not rest.has_more

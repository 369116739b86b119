from dataclasses import replace

import pytest

from chassis.errors import NotFound
from svc_auth.model.refusals import RefreshInvalid, RefreshReused
from svc_auth.model.session import Session, token_hash
from tests.unit.svc_auth.world import LIFETIME, World

pytestmark = pytest.mark.anyio


async def test_a_refresh_token_is_exchanged_for_the_next(world: World) -> None:
    first = await world.sign_up()
    world.clock.forward(hours=1)
    second = await world.do.refresh(first.refresh_token)
    assert second.refresh_token != first.refresh_token
    assert second.access_token != first.access_token
    assert second.user == first.user
    world.clock.forward(hours=1)
    assert (await world.do.refresh(second.refresh_token)).refresh_token


async def test_refreshing_keeps_a_session_alive_beyond_its_first_expiry(world: World) -> None:
    token = (await world.sign_up()).refresh_token
    for _ in range(3):
        world.clock.forward(days=6)
        token = (await world.do.refresh(token)).refresh_token
    world.clock.now += LIFETIME
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(token)


@pytest.mark.parametrize("token", ["", "made up"])
async def test_a_token_that_was_never_given_out_is_invalid(world: World, token: str) -> None:
    await world.sign_up()
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(token)


async def test_a_second_tab_is_given_the_same_successor(world: World) -> None:
    first = await world.sign_up()
    one = await world.do.refresh(first.refresh_token)
    world.clock.forward(seconds=10)
    other = await world.do.refresh(first.refresh_token)
    assert other.refresh_token == one.refresh_token
    assert other.access_token


async def test_a_tab_that_is_two_steps_behind_is_given_the_live_end(world: World) -> None:
    first = await world.sign_up()
    second = await world.do.refresh(first.refresh_token)
    third = await world.do.refresh(second.refresh_token)
    late = await world.do.refresh(first.refresh_token)
    assert late.refresh_token == third.refresh_token


async def test_a_tab_that_loses_the_race_is_given_the_same_successor(world: World) -> None:
    first = await world.sign_up()
    rotate = world.sessions.rotate
    winners: list[str] = []

    async def lose(old: Session, new: Session) -> bool:
        world.sessions.rotate = rotate  # type: ignore[method-assign]  # only this once
        winners.append((await world.do.refresh(first.refresh_token)).refresh_token)
        return await rotate(old, new)

    world.sessions.rotate = lose  # type: ignore[method-assign]  # the moment between
    assert (await world.do.refresh(first.refresh_token)).refresh_token == winners[0]


@pytest.mark.parametrize("refreshes", [2, 3, 150])
async def test_using_an_older_token_again_ends_the_session_everywhere(
    world: World, refreshes: int
) -> None:
    tokens = [(await world.sign_up()).refresh_token]
    for _ in range(refreshes):
        tokens.append((await world.do.refresh(tokens[-1])).refresh_token)
    world.clock.forward(seconds=10, milliseconds=1)
    with pytest.raises(RefreshReused):
        await world.do.refresh(tokens[0])
    assert world.revocations.sessions == [world.newest_session]
    for token in (tokens[0], tokens[-1]):
        with pytest.raises(RefreshInvalid):
            await world.do.refresh(token)


async def test_a_reply_that_was_lost_is_given_again_however_late(world: World) -> None:
    first = await world.sign_up()
    lost = await world.do.refresh(first.refresh_token)
    world.clock.forward(days=2)
    for _ in range(2):
        again = await world.do.refresh(first.refresh_token)
        assert again.refresh_token == lost.refresh_token
    # From then on all is as if nothing had been lost.
    world.clock.forward(days=2)
    assert await world.do.refresh(again.refresh_token)


async def test_a_thief_who_takes_turns_with_the_owner_is_found_out(world: World) -> None:
    shared = (await world.sign_up()).refresh_token
    for turn in range(2):
        owners = await world.do.refresh(shared)
        world.clock.forward(minutes=15)
        if turn:
            with pytest.raises(RefreshReused):
                await world.do.refresh(shared)
        else:
            assert (await world.do.refresh(shared)).refresh_token == owners.refresh_token
        shared = owners.refresh_token
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(shared)


async def test_a_lost_reply_that_is_overtaken_is_looked_at_again(world: World) -> None:
    first = await world.sign_up()
    second = await world.do.refresh(first.refresh_token)
    world.clock.forward(minutes=1)
    note_replay = world.sessions.note_replay

    async def overtaken(session: Session) -> bool:
        await world.do.refresh(second.refresh_token)
        return await note_replay(session)

    world.sessions.note_replay = overtaken  # type: ignore[method-assign]  # the moment between
    with pytest.raises(RefreshReused):
        await world.do.refresh(first.refresh_token)


async def test_reuse_ends_one_device_only(world: World) -> None:
    laptop, phone = await world.sign_up(), await world.sign_in()
    second = await world.do.refresh(laptop.refresh_token)
    await world.do.refresh(second.refresh_token)
    world.clock.forward(minutes=1)
    with pytest.raises(RefreshReused):
        await world.do.refresh(laptop.refresh_token)
    assert await world.do.refresh(phone.refresh_token)


async def test_a_session_of_before_tokens_named_theirs_goes_on(world: World) -> None:
    await world.sign_up()
    session_id = world.newest_session
    old = world.sessions.kept[session_id]
    world.sessions.kept[session_id] = replace(old, current=token_hash("opaque"))
    second = await world.do.refresh("opaque")
    assert (await world.do.refresh(second.refresh_token)).refresh_token
    with pytest.raises(RefreshInvalid):
        await world.do.refresh("opaque")


async def test_signing_out_by_refresh_token(world: World) -> None:
    signed_in = await world.sign_up()
    await world.do.sign_out(refresh_token=signed_in.refresh_token, session_id="")
    assert world.revocations.sessions == [world.newest_session]
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(signed_in.refresh_token)


async def test_signing_out_by_access_token(world: World) -> None:
    signed_in = await world.sign_up()
    await world.do.sign_out(refresh_token="", session_id=world.newest_session)
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(signed_in.refresh_token)


async def test_signing_out_without_a_session_is_fine(world: World) -> None:
    signed_in = await world.sign_up()
    await world.do.sign_out(refresh_token="", session_id="")
    await world.do.sign_out(refresh_token="unknown", session_id="unknown")
    assert world.revocations.sessions == []
    await world.do.sign_out(refresh_token=signed_in.refresh_token, session_id="")
    await world.do.sign_out(refresh_token=signed_in.refresh_token, session_id="")
    assert len(world.revocations.sessions) == 1


async def test_without_redis_a_session_ends_and_is_announced_later(world: World) -> None:
    signed_in = await world.sign_up()
    world.revocations.is_away = True
    await world.do.sign_out(refresh_token=signed_in.refresh_token, session_id="")
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(signed_in.refresh_token)
    await world.end.repeat()
    assert world.revocations.sessions == []
    world.revocations.is_away = False
    await world.end.repeat()
    assert world.revocations.sessions == [world.newest_session]


async def test_a_redis_that_forgets_hears_every_ending_of_a_living_token_again(
    world: World,
) -> None:
    signed_in, other = await world.sign_up(), await world.sign_up("bob@example.com")
    await world.do.sign_out(refresh_token=signed_in.refresh_token, session_id="")
    await world.do.block_user(world.admin(), other.user.id)
    blocked_at = world.clock.now
    await world.end.repeat()
    world.clock.forward(minutes=15)
    world.revocations.forget()
    await world.end.repeat()
    assert sorted(world.revocations.sessions) == ["session-0001", "session-0002"]
    assert world.revocations.users == {other.user.id: blocked_at}
    assert world.revocations.is_vouched_for
    # Once no token can be alive any more, nothing is repeated.
    world.clock.forward(minutes=2)
    world.revocations.forget()
    await world.end.repeat()
    assert (world.revocations.sessions, world.revocations.users) == ([], {})


async def test_live_sessions_are_listed_newest_first_in_pages(world: World) -> None:
    user = (await world.sign_up()).user
    for device in ("phone", "tablet", "watch"):
        await world.sign_in(user_agent=device)
    await world.do.revoke_session(user.id, "session-0002")
    first = await world.do.list_sessions(user.id, before=None, limit=2)
    assert [each.user_agent for each in first.sessions] == ["watch", "tablet"]
    assert (first.has_more, first.total) == (True, 3)
    rest = await world.do.list_sessions(user.id, before=first.sessions[-1].id, limit=2)
    assert [each.user_agent for each in rest.sessions] == ["laptop"]
    assert not rest.has_more


async def test_expired_sessions_and_those_of_others_are_not_listed(world: World) -> None:
    user = (await world.sign_up()).user
    await world.sign_up("bob@example.com")
    assert (await world.do.list_sessions(user.id, before=None, limit=9)).total == 1
    world.clock.now += LIFETIME
    assert (await world.do.list_sessions(user.id, before=None, limit=9)).total == 0


async def test_a_device_is_signed_out_from_another(world: World) -> None:
    user = (await world.sign_up()).user
    phone = await world.sign_in()
    for _ in range(2):  # a retried call succeeds too
        await world.do.revoke_session(user.id, world.newest_session)
    assert world.revocations.sessions == [world.newest_session]
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(phone.refresh_token)


async def test_nobody_signs_somebody_elses_device_out(world: World) -> None:
    signed_in = await world.sign_up()
    for session_id in (world.newest_session, "unknown"):
        with pytest.raises(NotFound):
            await world.do.revoke_session("somebody else", session_id)
    assert await world.do.refresh(signed_in.refresh_token)

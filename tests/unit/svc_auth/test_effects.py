"""What Redis is told is preceded by a write of the session or the user, which a majority has."""

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from chassis.errors import Refusal
from svc_auth.model.user import Role
from tests.support.tracing import Trace
from tests.unit.svc_auth.fakes import FakeRevocations, FakeSessions, FakeUsers
from tests.unit.svc_auth.world import PASSWORD, World

pytestmark = pytest.mark.anyio

WRITES = {
    "FakeSessions.end",
    "FakeUsers.block",
    "FakeUsers.set_role",
    "FakeUsers.change_password",
}
Step = Callable[[World, str, str], Awaitable[object]]


async def signs_out(world: World, _: str, session: str) -> None:
    await world.do.sign_out(refresh_token="", session_id=session)


async def is_blocked(world: World, user: str, _: str) -> None:
    await world.do.block_user("admin", user)


async def is_promoted(world: World, user: str, _: str) -> None:
    await world.do.set_user_role("admin", user, Role.ADMIN)


async def changes_password(world: World, user: str, session: str) -> None:
    await world.do.change_password(
        user, session, current_password=PASSWORD, chosen_password="another long one"
    )


async def is_signed_out_elsewhere(world: World, user: str, session: str) -> None:
    await world.do.revoke_session(user, session)


@pytest.mark.parametrize(
    "step", [signs_out, is_blocked, is_promoted, changes_password, is_signed_out_elsewhere]
)
async def test_an_ending_is_written_before_it_is_announced(step: Step) -> None:
    trace = Trace()
    sessions, users = FakeSessions(), FakeUsers()
    World(users=users).admin()
    world = World(
        users=trace.on(users),
        sessions=trace.on(sessions),
        revocations=trace.on(FakeRevocations()),
    )
    signed_in = await world.sign_up()
    (session,) = sessions.kept
    await world.sign_in()
    trace.calls.clear()
    with suppress(Refusal):
        await step(world, signed_in.user.id, session)
    announced = {"FakeRevocations.announce"}
    assert announced & {call.method for call in trace.calls}
    assert list(trace.unguarded(announced, WRITES)) == []

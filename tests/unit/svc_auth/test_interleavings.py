"""Two calls at once: in every order of their writes a session is one chain, and ends for good."""

from collections.abc import Awaitable, Callable
from itertools import combinations_with_replacement

import pytest

from chassis.errors import Refusal
from svc_auth.usecases.sign_in import SignedIn
from tests.support.interleaving import Turns, every_interleaving
from tests.unit.svc_auth.world import PASSWORD, World

pytestmark = pytest.mark.anyio

Step = Callable[[World, SignedIn], Awaitable[object]]
STEPS: dict[str, Step] = {
    "refresh": lambda world, ann: world.do.refresh(ann.refresh_token),
    "sign out": lambda world, ann: world.do.sign_out(
        refresh_token=ann.refresh_token, session_id=""
    ),
    "change the password": lambda world, ann: world.do.change_password(
        ann.user.id, "", current_password=PASSWORD, chosen_password="another password"
    ),
    "block": lambda world, ann: world.do.block_user("admin", ann.user.id),
}
ENDS = {"sign out", "change the password", "block"}


@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(STEPS, 2)))
async def test_a_session_is_one_chain_that_ends_for_good(one: str, other: str) -> None:
    async def run(turns: Turns) -> None:
        world = World()
        world.admin()
        ann = await world.sign_up()
        outcomes = await turns.both(
            *(STEPS[name](beside(world, turns), ann) for name in (one, other))
        )
        unexpected = [
            each
            for each in outcomes
            if isinstance(each, BaseException) and not isinstance(each, Refusal)
        ]
        assert unexpected == []
        refreshed = {
            outcome.refresh_token
            for name, outcome in zip((one, other), outcomes, strict=True)
            if name == "refresh" and isinstance(outcome, SignedIn)
        }
        assert len(refreshed) <= 1
        if ENDS & {one, other}:
            for token in {ann.refresh_token, *refreshed}:
                with pytest.raises(Refusal):
                    await world.do.refresh(token)
        if "block" in {one, other}:
            with pytest.raises(Refusal):
                await world.sign_in()

    assert await every_interleaving(run) > 1


def beside(world: World, turns: Turns) -> World:
    """Another process on the same accounts and sessions."""
    return World(
        clock=world.clock,
        users=turns.on(world.users),
        sessions=turns.on(world.sessions),
        passwords=world.passwords,
        tokens=world.tokens,
        revocations=turns.on(world.revocations),
    )

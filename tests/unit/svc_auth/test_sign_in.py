from dataclasses import replace

import pytest

from chassis.errors import InvalidField, Unavailable
from svc_auth.model.refusals import EmailTaken, InvalidCredentials, UserBlocked
from svc_auth.model.session import Session, token_hash
from svc_auth.model.user import Role
from tests.unit.svc_auth.world import LIFETIME, PASSWORD, World

pytestmark = pytest.mark.anyio


async def test_signing_up_opens_an_account_and_a_session(world: World) -> None:
    signed_in = await world.do.sign_up(
        email=" Ann@Example.com",
        password=PASSWORD,
        name=" Ann  Lee ",
        phone="+1 (555) 010-0200",
        address=" 1 Road\r\nTown ",
        user_agent="laptop",
    )
    user = signed_in.user
    assert (user.phone, user.address) == ("+1 555-010-0200", "1 Road\nTown")
    assert (user.email, user.name, user.role) == ("ann@example.com", "Ann Lee", Role.USER)
    session = world.sessions.kept[world.newest_session]
    assert session.user_id == user.id
    assert session.expires_at == world.clock.now + LIFETIME
    assert session.user_agent == "laptop"
    assert world.newest_session in signed_in.access_token


async def test_only_hashes_of_password_and_refresh_token_are_kept(world: World) -> None:
    signed_in = await world.sign_up()
    session = world.sessions.kept[world.newest_session]
    assert session.current == token_hash(signed_in.refresh_token)
    assert signed_in.refresh_token.encode() not in (session.current, session.chain_key)
    assert signed_in.user.password_hash != PASSWORD


async def test_an_email_has_one_account_in_whatever_case(world: World) -> None:
    await world.sign_up("ann@example.com")
    with pytest.raises(EmailTaken):
        await world.sign_up("ANN@example.com")
    assert len(world.users.kept) == 1


async def test_an_account_of_before_signs_in_under_the_email_it_was_opened_with(
    world: World,
) -> None:
    user = (await world.sign_up()).user
    world.users.kept[user.id] = replace(user, email="rené@exämple.com")
    assert (await world.sign_in("René@Exämple.com")).user.id == user.id


@pytest.mark.parametrize(
    "changed", [{"password": "password"}, {"phone": "x"}, {"email": "é@x.org"}]
)
async def test_what_is_not_taken_opens_no_account(world: World, changed: dict[str, str]) -> None:
    given = {"email": "ann@example.com", "password": PASSWORD, "phone": ""} | changed
    with pytest.raises(InvalidField) as refusal:
        await world.do.sign_up(**given, name="", address="", user_agent="")
    assert refusal.value.field in changed
    assert world.users.kept == {}


async def test_signing_in_opens_another_session(world: World) -> None:
    await world.sign_up()
    signed_in = await world.sign_in("Ann@Example.COM")
    assert signed_in.user.email == "ann@example.com"
    assert len(world.sessions.kept) == 2


async def test_a_wrong_password_and_an_unknown_email_are_refused_alike(world: World) -> None:
    await world.sign_up()
    refusals = []
    for email in ("ann@example.com", "nobody@example.com"):
        with pytest.raises(InvalidCredentials) as refusal:
            await world.do.sign_in(email=email, password="wrong", user_agent="")
        refusals.append(refusal.value.message)
    assert refusals[0] == refusals[1]
    # The unknown email costs a comparison too: with no hash.
    assert [bool(each) for each in world.passwords.compared] == [True, False]


async def test_only_who_knows_the_password_learns_of_a_block(world: World) -> None:
    user = (await world.sign_up()).user
    await world.do.block_user(world.admin(), user.id)
    with pytest.raises(InvalidCredentials):
        await world.do.sign_in(email=user.email, password="wrong", user_agent="")
    with pytest.raises(UserBlocked):
        await world.sign_in()
    assert len(world.sessions.kept) == 1


async def test_a_password_is_hashed_anew_when_the_parameters_have_changed(world: World) -> None:
    user = (await world.sign_up()).user
    world.passwords.version = "v2"
    await world.sign_in()
    assert world.users.kept[user.id].password_hash.startswith("v2:")
    assert world.users.kept[user.id].epoch == 0
    await world.sign_in()


async def test_a_block_that_comes_while_signing_in_wins(world: World) -> None:
    user = (await world.sign_up()).user
    add = world.sessions.add

    async def block_before_adding(session: Session) -> None:
        await world.do.block_user(world.admin(), user.id)
        await add(session)

    world.sessions.add = block_before_adding  # type: ignore[method-assign]  # the moment between
    with pytest.raises(Unavailable):
        await world.sign_in()
    blocked = world.users.kept[user.id]
    assert not any(blocked.admits(session) for session in world.sessions.kept.values())


async def test_the_first_admin_is_made_once(world: World) -> None:
    assert await world.ensure_admin(email="Boss@example.com", password=PASSWORD)
    assert not await world.ensure_admin(email="boss@example.com", password="another one")
    signed_in = await world.sign_in("boss@example.com")
    assert signed_in.user.role is Role.ADMIN


async def test_an_account_that_is_there_is_not_made_an_admin(world: World) -> None:
    user = (await world.sign_up()).user
    assert not await world.ensure_admin(email=user.email, password="taking over")
    assert world.users.kept[user.id].role is Role.USER

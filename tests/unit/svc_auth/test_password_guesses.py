"""Passwords are guessed, and the owner of the account is not kept out by it."""

import pytest

from chassis.errors import InvalidField, RateLimited
from svc_auth.model.refusals import InvalidCredentials, UserBlocked
from tests.unit.svc_auth.fakes import FakeGuesses
from tests.unit.svc_auth.world import PASSWORD, World

pytestmark = pytest.mark.anyio

ANN = "ann@example.com"


async def guess(world: World, email: str = ANN, device_token: str = "") -> None:
    with pytest.raises(InvalidCredentials):
        await world.do.sign_in(
            email=email, password="wrong", user_agent="", device_token=device_token
        )


async def sign_in(world: World, device_token: str = "") -> None:
    await world.do.sign_in(email=ANN, password=PASSWORD, user_agent="", device_token=device_token)


async def test_after_some_wrong_passwords_none_is_looked_at(world: World) -> None:
    await world.sign_up()
    for _ in range(FakeGuesses.ALLOWED):
        await guess(world)
    compared = list(world.passwords.compared)
    with pytest.raises(RateLimited):
        await sign_in(world)
    assert world.passwords.compared == compared


@pytest.mark.parametrize("email", ["ANN@example.com", " ann@example.com "])
async def test_another_spelling_is_the_same_account(world: World, email: str) -> None:
    await world.sign_up()
    for _ in range(FakeGuesses.ALLOWED):
        await guess(world, email)
    with pytest.raises(RateLimited):
        await sign_in(world)


async def test_an_unknown_email_is_refused_as_often(world: World) -> None:
    for _ in range(FakeGuesses.ALLOWED):
        await guess(world, "nobody@example.com")
    with pytest.raises(RateLimited):
        await world.do.sign_in(email="Nobody@example.com", password="wrong", user_agent="")


async def test_a_known_device_gets_in_all_the_same(world: World) -> None:
    device_token = (await world.sign_up()).device_token or ""
    for _ in range(FakeGuesses.ALLOWED):
        await guess(world)
    await sign_in(world, device_token)


async def test_a_known_device_has_no_more_guesses_than_others(world: World) -> None:
    device_token = (await world.sign_up()).device_token or ""
    for _ in range(FakeGuesses.ALLOWED):
        await guess(world, device_token=device_token)
    with pytest.raises(RateLimited):
        await sign_in(world, device_token)
    await sign_in(world)


async def test_a_device_stays_the_same_when_it_signs_in_again(world: World) -> None:
    signed_up = await world.sign_up()
    again = await world.do.sign_in(
        email=ANN, password=PASSWORD, user_agent="", device_token=signed_up.device_token or ""
    )
    assert again.device_token == signed_up.device_token


async def test_a_device_of_another_account_is_an_unknown_one(world: World) -> None:
    await world.sign_up()
    thief = (await world.sign_up("ben@example.com")).device_token or ""
    for _ in range(FakeGuesses.ALLOWED):
        await guess(world, device_token=thief)
    with pytest.raises(RateLimited):
        await sign_in(world)


async def test_right_passwords_do_not_count(world: World) -> None:
    ann = await world.sign_up()
    for _ in range(FakeGuesses.ALLOWED + 1):
        await sign_in(world)
    await world.do.block_user(world.admin(), ann.user.id)
    for _ in range(FakeGuesses.ALLOWED + 1):
        with pytest.raises(UserBlocked):
            await sign_in(world)


async def test_a_stolen_session_cannot_guess_the_password_either(world: World) -> None:
    ann = await world.sign_up()

    async def change(password: str) -> None:
        await world.do.change_password(
            ann.user.id,
            world.newest_session,
            current_password=password,
            chosen_password="an other horse",
        )

    for _ in range(FakeGuesses.ALLOWED):
        with pytest.raises(InvalidField):
            await change("wrong")
    with pytest.raises(RateLimited):
        await change(PASSWORD)
    await sign_in(world)

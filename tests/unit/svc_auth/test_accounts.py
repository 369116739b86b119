import pytest

from chassis.errors import InvalidField, Unauthenticated
from svc_auth.model.refusals import InvalidCredentials, RefreshInvalid
from tests.unit.svc_auth.world import PASSWORD, World

pytestmark = pytest.mark.anyio

NEW_PASSWORD = "battery staple"


async def test_the_current_user(world: World) -> None:
    user = (await world.sign_up()).user
    assert await world.do.get_current_user(user.id) == user
    assert await world.do.get_current_user("") is None
    assert await world.do.get_current_user("gone") is None
    await world.do.block_user(world.admin(), user.id)
    assert await world.do.get_current_user(user.id) is None


async def test_only_the_given_fields_change(world: World) -> None:
    user = (await world.sign_up()).user
    await world.do.update_profile(
        user.id, name=None, phone=" +1 (555) 010-0200 #8 ", address="1 Road\nTown\n"
    )
    changed = await world.do.update_profile(user.id, name="  Ann   Smith ", phone=None, address="")
    assert (changed.name, changed.phone, changed.address) == (
        "Ann Smith",
        "+1 555-010-0200 ext. 8",
        "",
    )
    assert changed.email == user.email


async def test_the_profile_of_an_account_that_is_gone(world: World) -> None:
    with pytest.raises(Unauthenticated):
        await world.do.update_profile("gone", name="x", phone=None, address=None)


async def test_a_new_password_replaces_the_old_one(world: World) -> None:
    user = (await world.sign_up()).user
    await world.do.change_password(
        user.id, world.newest_session, current_password=PASSWORD, chosen_password=NEW_PASSWORD
    )
    with pytest.raises(InvalidCredentials):
        await world.sign_in()
    await world.do.sign_in(email=user.email, password=NEW_PASSWORD, user_agent="")


async def test_a_new_password_that_is_easy_to_guess_is_refused(world: World) -> None:
    user = (await world.sign_up()).user
    for easy in ("password1", user.email):
        with pytest.raises(InvalidField) as refusal:
            await world.do.change_password(
                user.id, world.newest_session, current_password=PASSWORD, chosen_password=easy
            )
        assert refusal.value.field == "new_password"
    assert await world.sign_in()


async def test_a_new_password_signs_every_other_device_out(world: World) -> None:
    laptop = await world.sign_up()
    laptop_id = world.newest_session
    phone = await world.sign_in()
    phone_id = world.newest_session
    await world.do.change_password(
        laptop.user.id, laptop_id, current_password=PASSWORD, chosen_password=NEW_PASSWORD
    )
    assert world.revocations.sessions == [phone_id]
    assert world.revocations.users == {}
    with pytest.raises(RefreshInvalid):
        await world.do.refresh(phone.refresh_token)
    assert await world.do.refresh(laptop.refresh_token)
    listed = await world.do.list_sessions(laptop.user.id, before=None, limit=9)
    assert [each.id for each in listed.sessions] == [laptop_id]


async def test_a_wrong_current_password_changes_nothing(world: World) -> None:
    user = (await world.sign_up()).user
    phone = await world.sign_in()
    with pytest.raises(InvalidField) as refusal:
        await world.do.change_password(
            user.id, world.newest_session, current_password="wrong", chosen_password=NEW_PASSWORD
        )
    assert (refusal.value.field, refusal.value.message) == (
        "current_password",
        "is not your password",
    )
    assert await world.sign_in()
    assert await world.do.refresh(phone.refresh_token)


async def test_of_two_changes_at_once_the_second_finds_another_password(world: World) -> None:
    user = (await world.sign_up()).user
    session_id = world.newest_session
    hash_password = world.passwords.hash

    async def after_another_change(password: str) -> str:
        world.passwords.hash = hash_password  # type: ignore[method-assign]  # only this once
        await world.do.change_password(
            user.id, session_id, current_password=PASSWORD, chosen_password=NEW_PASSWORD
        )
        return await hash_password(password)

    world.passwords.hash = after_another_change  # type: ignore[method-assign]  # between
    with pytest.raises(InvalidField):
        await world.do.change_password(
            user.id, session_id, current_password=PASSWORD, chosen_password="third one"
        )
    await world.do.sign_in(email=user.email, password=NEW_PASSWORD, user_agent="")


async def test_changing_the_password_of_an_account_that_is_gone(world: World) -> None:
    with pytest.raises(Unauthenticated):
        await world.do.change_password("gone", "s", current_password="a", chosen_password="b")

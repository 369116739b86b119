"""Commands about accounts: what they ask, and what they print."""

import pytest
from shop.auth.v1 import auth_pb2

from tests.unit.shopctl.conftest import Run, Shop

ADA = auth_pb2.User(id="u1", email="ada@example.org", name="Ada", role=auth_pb2.ROLE_USER)

pytestmark = pytest.mark.usefixtures("profile")


def test_accounts_are_listed(shop: Shop, run: Run) -> None:
    running = run("users", "list", "ada", "--role", "user", "--not-blocked")
    request = shop.answer("ListUsers", auth_pb2.ListUsersResponse(users=[ADA], total_size=1))
    assert (request.query, request.role, request.blocked) == ("ada", auth_pb2.ROLE_USER, False)
    _, row, _ = running.end().out.splitlines()
    assert row.split() == ["u1", "ada@example.org", "Ada", "user", "no"]


def test_all_accounts_are_listed_where_nothing_is_said(shop: Shop, run: Run) -> None:
    running = run("users", "list", "-o", "json")
    request = shop.answer("ListUsers", auth_pb2.ListUsersResponse(users=[ADA], total_size=1))
    assert not request.HasField("blocked")
    assert running.end().json["users"][0]["role"] == "user"


def test_an_account_is_shown_by_its_email(shop: Shop, run: Run) -> None:
    running = run("users", "show", "ada@example.org", "-o", "json")
    shop.answer("ListUsers", auth_pb2.ListUsersResponse(users=[ADA]))
    assert running.end().json["user"]["id"] == "u1"


def test_an_account_is_blocked_by_its_email(shop: Shop, run: Run) -> None:
    running = run("users", "block", "ada@example.org", "--yes")
    shop.answer("ListUsers", auth_pb2.ListUsersResponse(users=[ADA]))
    blocked = auth_pb2.User(id="u1", is_blocked=True)
    request = shop.answer("BlockUser", auth_pb2.BlockUserResponse(user=blocked))
    assert request.user_id == "u1"
    assert "yes" in running.end().out


def test_an_account_is_unblocked_by_its_id(shop: Shop, run: Run) -> None:
    running = run("users", "unblock", "u1")
    request = shop.answer("UnblockUser", auth_pb2.UnblockUserResponse(user=ADA))
    assert request.user_id == "u1"
    assert running.end().code == 0


def test_a_role_is_set(shop: Shop, run: Run) -> None:
    running = run("users", "role", "u1", "admin", "--yes")
    request = shop.answer("SetUserRole", auth_pb2.SetUserRoleResponse(user=ADA))
    assert (request.user_id, request.role) == ("u1", auth_pb2.ROLE_ADMIN)
    assert running.end().code == 0


@pytest.mark.parametrize("arguments", [("block", "u1"), ("role", "u1", "admin")])
def test_no_one_is_signed_out_unless_someone_says_so(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("users", *arguments).end().code == 2


def test_a_role_that_there_is_not_is_a_wrong_usage(run: Run) -> None:
    ended = run("users", "role", "u1", "king", "--yes").end()
    assert ended.code == 2
    assert "king" in ended.err

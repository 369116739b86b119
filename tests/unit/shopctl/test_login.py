"""Who calls: what is kept, what is asked for a token, and when."""

import json
import time
from pathlib import Path

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from jose import jwt
from shop.auth.v1 import auth_pb2

from shopctl.profile import Profile, SignIn
from tests.unit.shopctl.conftest import Run, Shop

ADA = auth_pb2.User(id="u1", email="ada@example.org", role=auth_pb2.ROLE_ADMIN)
WHO = auth_pb2.GetCurrentUserResponse(current_user=ADA)


def token(seconds: int) -> str:
    """An access token that expires in so many seconds."""
    return str(jwt.encode({"exp": int(time.time()) + seconds}, "key"))


def kept(home: Path) -> object:
    """Who is signed in, as the profile's file says."""
    return json.loads((home / "default.json").read_text())["sign_in"]


def test_a_password_opens_a_session(signed_out: Profile, shop: Shop, run: Run, home: Path) -> None:
    running = run("login", "--email", "ada@example.org", "-o", "json", reads="correct horse\n")
    access = token(900)
    answer = auth_pb2.SignInResponse(user=ADA, access_token=access, refresh_token="r")
    request = shop.answer("SignIn", answer)
    assert (request.email, request.password) == ("ada@example.org", "correct horse")
    assert "authorization" not in shop.metadata
    shop.answer("GetCurrentUser", WHO)
    assert shop.metadata["authorization"] == f"Bearer {access}"
    found = running.end().json
    assert (found["kind"], found["user"]["email"]) == ("session", "ada@example.org")
    assert kept(home) == {
        "kind": "session",
        "access_token": access,
        "refresh_token": "r",
        "client_id": "",
        "client_secret": "",
    }
    assert (home / "default.json").stat().st_mode & 0o777 == 0o600


def test_a_wrong_password_is_refused_in_one_line(signed_out: Profile, shop: Shop, run: Run) -> None:
    running = run("login", "--email", "ada@example.org", reads="wrong\n")
    shop.refuse(
        "SignIn", grpc.StatusCode.UNAUTHENTICATED, "INVALID_CREDENTIALS", "Email or password."
    )
    ended = running.end()
    assert ended.code == 4
    assert len(ended.err.splitlines()) == 1
    assert "INVALID_CREDENTIALS" in ended.err


def test_a_session_is_renewed_when_its_token_runs_out(
    signed_out: Profile, shop: Shop, run: Run, home: Path
) -> None:
    signed_out.with_sign_in(SignIn("session", token(5), "old")).save()
    running = run("whoami", "-o", "json")
    fresh = token(900)
    renewed = auth_pb2.RefreshResponse(access_token=fresh, refresh_token="new")
    assert shop.answer("Refresh", renewed).refresh_token == "old"
    shop.answer("GetCurrentUser", WHO)
    assert shop.metadata["authorization"] == f"Bearer {fresh}"
    assert running.end().json["user"]["id"] == "u1"
    assert json.loads((home / "default.json").read_text())["sign_in"]["refresh_token"] == "new"


def test_a_session_that_has_ended_says_to_sign_in(
    signed_out: Profile, shop: Shop, run: Run
) -> None:
    signed_out.with_sign_in(SignIn("session", token(-5), "old")).save()
    running = run("users", "list")
    shop.refuse("Refresh", grpc.StatusCode.UNAUTHENTICATED, "REFRESH_INVALID", "It has expired.")
    ended = running.end()
    assert ended.code == 4
    assert ended.err == "shopctl: the session has ended: sign in with `shopctl login`\n"


def test_a_token_is_used_as_it_is(signed_out: Profile, shop: Shop, run: Run, home: Path) -> None:
    running = run("login", "--token", reads="a-token\n")
    shop.answer("GetCurrentUser", WHO)
    assert shop.metadata["authorization"] == "Bearer a-token"
    assert running.end().code == 0


def test_a_token_that_is_not_accepted_is_said_to_be(
    signed_out: Profile, shop: Shop, run: Run
) -> None:
    running = run("login", "--token", reads="a-token\n")
    shop.answer("GetCurrentUser", auth_pb2.GetCurrentUserResponse())
    assert running.end().code == 4


def test_a_service_credential_is_exchanged_for_a_token(
    signed_out: Profile, shop: Shop, run: Run, home: Path
) -> None:
    running = run("login", "--service", "svc_cart", "-o", "json", reads="a-secret\n")
    issued = auth_pb2.IssueServiceTokenResponse(
        access_token="service-token", expires_at=Timestamp(seconds=int(time.time()) + 600)
    )
    request = shop.answer("IssueServiceToken", issued)
    assert (request.client_id, request.client_secret) == ("svc_cart", "a-secret")
    shop.answer("IssueServiceToken", issued)
    assert running.end().json == {
        "profile": "default",
        "kind": "service",
        "shop": None,
        "clientId": "svc_cart",
    }
    again = run("users", "show", "ada@example.org")
    shop.answer("IssueServiceToken", issued)
    shop.answer("ListUsers", auth_pb2.ListUsersResponse(users=[ADA]))
    assert shop.metadata["authorization"] == "Bearer service-token"
    assert again.end().code == 0


def test_signing_out_ends_the_session_and_forgets_it(
    signed_out: Profile, shop: Shop, run: Run, home: Path
) -> None:
    signed_out.with_sign_in(SignIn("session", token(900), "r")).save()
    running = run("logout")
    assert shop.answer("SignOut", auth_pb2.SignOutResponse()).refresh_token == "r"
    assert running.end().code == 0
    assert kept(home) is None
    assert run("whoami").end().code == 4


def test_the_folder_of_a_running_shop_says_where_all_is(
    shop: Shop, run: Run, home: Path, tmp_path: Path
) -> None:
    ready = {
        "processes": {"svc_auth": {"grpc": "svc-auth:50051", "ops": "http://127.0.0.1:1"}},
        "logins": {"admin": {"email": "ada@example.org", "password": "correct horse"}},
    }
    (tmp_path / "ready.json").write_text(json.dumps(ready))
    running = run("login", "--shop", str(tmp_path))
    answer = auth_pb2.SignInResponse(access_token=token(900), refresh_token="r")
    assert shop.answer("SignIn", answer).password == "correct horse"
    shop.answer("GetCurrentUser", WHO)
    assert running.end().code == 0
    (tmp_path / "ready.json").unlink()
    ended = run("whoami").end()
    assert ended.code == 3
    assert "noxfile.py -s up" in ended.err


def test_a_profile_that_others_can_read_is_refused(
    run: Run, signed_out: Profile, home: Path
) -> None:
    (home / "default.json").chmod(0o644)
    ended = run("whoami").end()
    assert ended.code == 2
    assert "chmod 600" in ended.err


@pytest.mark.parametrize("text", ["[]", "{", '{"sign_in": {"kind": "x", "unknown": 1}}'])
def test_a_broken_profile_is_one_line(run: Run, signed_out: Profile, home: Path, text: str) -> None:
    (home / "default.json").write_text(text)
    ended = run("whoami").end()
    assert ended.code == 2
    assert "default.json" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("whoami", "--address", "carts=127.0.0.1:1"),
        ("whoami", "--address", "cart"),
        ("whoami", "--profile", "../x"),
        ("login",),
        ("login", "--email", "a@b.co", "--token"),
        ("login", "--email", "a@b.co"),
    ],
)
def test_wrong_usage_is_said_in_one_line(
    run: Run, signed_out: Profile, arguments: tuple[str, ...]
) -> None:
    ended = run(*arguments, reads="").end()
    assert ended.code == 2
    assert len(ended.err.splitlines()) == 1

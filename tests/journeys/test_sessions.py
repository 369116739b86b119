"""Sessions: their cookies, their rotation, and every way in which they end at once."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, cast

import grpc
import httpx
import pytest
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from shop.orders.v1 import orders_pb2, orders_pb2_grpc

from tests.journeys.callers import channel_to
from tests.support.crowds import at_once
from tests.support.people import (
    PATIENCE_SECONDS,
    Admin,
    Json,
    Shop,
    Shopper,
    eventually,
    ok,
    refused,
)
from tests.support.sockets import live

SESSION_ENDED = 4401
PASSWORD = "correct horse"
NEW_PASSWORD = "battery staple"


@pytest.fixture
def other_device(shop: Shop, shopper: Shopper) -> Iterator[Shopper]:
    """The same person, signed in elsewhere."""
    with shop.visitor() as client:
        device = Shopper(client)
        device.sign_in(shopper.user["email"], PASSWORD)
        yield device


def with_tokens(shop: Shop, cookies: dict[str, str]) -> httpx.Client:
    """A browser that shows these cookies and takes no others."""
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return httpx.Client(base_url=shop.url, headers={"Cookie": header}, timeout=30)


def sessions_of(person: Shopper) -> list[Json]:
    """The person's devices."""
    found: list[Json] = ok(person.client.get("/api/users/sessions"))["sessions"]
    return found


def is_signed_in(person: Shopper) -> bool:
    """Whether protected calls are answered."""
    return person.client.get("/api/orders").status_code == 200


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(guest: Shopper) -> None:
    body = {"email": "Cookies.Of@Example.org", "password": PASSWORD}
    body["email"] = f"{id(guest)}.{body['email']}"
    answer = guest.client.post("/api/users/signup", json=body)
    assert ok(answer, 201)["user"]["email"] == body["email"].lower()
    cookies = {each.split("=")[0]: each for each in answer.headers.get_list("set-cookie")}
    assert {"session", "refreshToken"} <= set(cookies)
    for name, seconds in (("session", 900), ("refreshToken", 604800)):
        attributes = {part.strip().lower() for part in cookies[name].split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/", f"max-age={seconds}"} <= attributes
    assert "accessToken" not in answer.text
    assert guest.client.cookies["refreshToken"] not in answer.text


def test_an_account_is_opened_with_phone_and_address(guest: Shopper) -> None:
    body = {"email": f"with.phone.{id(guest)}@example.org", "password": PASSWORD}
    details = {"phone": "+1 (555) 010-0200 ext. 12", "address": "1 Main Street\nSpringfield"}
    user = ok(guest.client.post("/api/users/signup", json=body | details), 201)["user"]
    assert (user["phone"], user["address"]) == ("+1 555-010-0200 ext. 12", details["address"])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"password": "password"}, "password"),
        ({"email": "a\u202enn@example.org"}, "email"),
        ({"name": "a\u200bnn"}, "name"),
        ({"phone": "call me"}, "phone"),
    ],
)
def test_what_an_account_is_not_opened_with(
    guest: Shopper, given: dict[str, str], field: str
) -> None:
    body = {"email": "never.opened@example.org", "password": PASSWORD} | given
    problem = refused(guest.client.post("/api/users/signup", json=body), 400, "VALIDATION_FAILED")
    assert [each["field"] for each in problem["errors"]] == [field]


def test_one_email_has_one_account(shopper: Shopper, guest: Shopper) -> None:
    body = {"email": shopper.user["email"].upper(), "password": PASSWORD}
    refused(guest.client.post("/api/users/signup", json=body), 409, "EMAIL_TAKEN")


def test_an_unknown_email_and_a_wrong_password_are_answered_alike(
    shopper: Shopper, guest: Shopper
) -> None:
    problems = []
    for email in (shopper.user["email"], "nobody.has.this@example.org"):
        body = {"email": email, "password": "wrong password"}
        answer = guest.client.post("/api/users/signin", json=body)
        problems.append(refused(answer, 401, "INVALID_CREDENTIALS"))
    del problems[0]["requestId"], problems[1]["requestId"]
    assert problems[0] == problems[1]


def test_a_refresh_token_is_used_once(shop: Shop, shopper: Shopper) -> None:
    old = dict(shopper.client.cookies)
    assert ok(shopper.client.post("/api/users/refresh", json={}))["user"] == shopper.user
    assert shopper.client.cookies["refreshToken"] != old["refreshToken"]
    assert is_signed_in(shopper)
    # That the new one was presented shows that it arrived: the old one is not tried again by who
    # lost a reply.
    ok(shopper.client.post("/api/users/refresh", json={}))

    with with_tokens(shop, old) as thief:
        # For two tabs an old one is good for a moment more; what it is worth then changes nothing.
        reused = eventually(
            lambda: thief.post("/api/users/refresh", json={}), lambda answer: answer.is_error
        )
        refused(reused, 401, "REFRESH_REUSED")
    refused(shopper.client.post("/api/users/refresh", json={}), 401, "REFRESH_INVALID")
    assert not is_signed_in(shopper)


def test_two_tabs_may_refresh_at_the_same_moment(shop: Shop, shopper: Shopper) -> None:
    tokens = dict(shopper.client.cookies)
    with with_tokens(shop, tokens) as tab, with_tokens(shop, tokens) as other:
        answers = at_once(
            [
                lambda: tab.post("/api/users/refresh", json={}),
                lambda: other.post("/api/users/refresh", json={}),
            ]
        )
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({answer.cookies["refreshToken"] for answer in answers}) == 1


@pytest.mark.parametrize("token", ["", "nonsense", "a" * 43])
def test_a_refresh_token_of_nobody(shop: Shop, token: str) -> None:
    with with_tokens(shop, {"refreshToken": token}) as client:
        refused(client.post("/api/users/refresh", json={}), 401, "REFRESH_INVALID")


def test_signing_out_ends_the_session_everywhere(shop: Shop, shopper: Shopper) -> None:
    tokens = dict(shopper.client.cookies)
    assert is_signed_in(shopper)
    answer = shopper.client.post("/api/users/signout", json={})
    assert answer.status_code == 204
    assert not {"session", "refreshToken"} & set(shopper.client.cookies)
    with with_tokens(shop, tokens) as thief:
        for path in ("/api/orders", "/api/notifications", "/api/users/sessions"):
            refused(thief.get(path), 401, "UNAUTHENTICATED")
        refused(thief.post("/api/users/refresh", json={}), 401, "REFRESH_INVALID")
    assert shopper.client.post("/api/users/signout", json={}).status_code == 204


@pytest.mark.parametrize("service", ["svc_auth", "svc_orders"])
def test_who_signed_out_is_refused_by_services_as_well(
    shop: Shop, shopper: Shopper, service: str
) -> None:
    bearer = (("authorization", f"Bearer {shopper.client.cookies['session']}"),)
    with channel_to(shop, service) as channel:
        call: Any
        if service == "svc_auth":
            stub = auth_pb2_grpc.AuthServiceStub(channel)
            call = partial(stub.ListSessions, auth_pb2.ListSessionsRequest())
        else:
            orders = orders_pb2_grpc.OrdersServiceStub(channel)
            call = partial(orders.ListOrders, orders_pb2.ListOrdersRequest())

        def outcome() -> grpc.StatusCode:
            try:
                call(timeout=PATIENCE_SECONDS, metadata=bearer)
            except grpc.RpcError as error:
                return cast("grpc.Call", error).code()
            return grpc.StatusCode.OK

        assert outcome() is grpc.StatusCode.OK
        assert shopper.client.post("/api/users/signout", json={}).status_code == 204
        eventually(lambda: outcome() is grpc.StatusCode.UNAUTHENTICATED)


def test_blocking_ends_all_sessions_and_closes_sockets(
    shop: Shop, admin: Admin, shopper: Shopper, other_device: Shopper
) -> None:
    path = f"/api/users/admin/users/{shopper.user['id']}"
    assert is_signed_in(other_device)
    with live(shop, shopper) as socket:
        socket.until("ready", userId=shopper.user["id"])
        assert ok(admin.client.post(f"{path}/block", json={}))["user"]["isBlocked"]
        assert socket.close_code() == SESSION_ENDED
    for device in (shopper, other_device):
        assert not is_signed_in(device)
        assert device.client.post("/api/users/refresh", json={}).status_code == 401
    body = {"email": shopper.user["email"], "password": PASSWORD}
    refused(shopper.client.post("/api/users/signin", json=body), 403, "USER_BLOCKED")
    wrong = body | {"password": "wrong password"}
    refused(shopper.client.post("/api/users/signin", json=wrong), 401, "INVALID_CREDENTIALS")

    assert not ok(admin.client.post(f"{path}/unblock", json={}))["user"]["isBlocked"]
    shopper.sign_in(body["email"], PASSWORD)
    assert is_signed_in(shopper)


def test_a_new_role_counts_after_signing_in_again(admin: Admin, shopper: Shopper) -> None:
    path = f"/api/users/admin/users/{shopper.user['id']}/role"
    refused(shopper.client.get("/api/users/admin/users"), 403, "PERMISSION_DENIED")
    assert ok(admin.client.post(path, json={"role": "admin"}))["user"]["role"] == "admin"
    assert not is_signed_in(shopper)
    shopper.sign_in(shopper.user["email"], PASSWORD)
    ok(shopper.client.get("/api/users/admin/users"))

    ok(admin.client.post(path, json={"role": "user"}))
    refused(shopper.client.get("/api/users/admin/users"), 401, "UNAUTHENTICATED")


def test_an_admin_can_not_shut_themself_out(admin: Admin) -> None:
    path = f"/api/users/admin/users/{admin.user['id']}"
    refused(admin.client.post(f"{path}/block", json={}), 409, "OWN_ACCOUNT")
    refused(admin.client.post(f"{path}/role", json={"role": "user"}), 409, "OWN_ACCOUNT")
    assert is_signed_in(admin)


def test_a_new_password_ends_the_other_sessions(shopper: Shopper, other_device: Shopper) -> None:
    wrong = {"currentPassword": "wrong password", "newPassword": NEW_PASSWORD}
    answer = shopper.client.post("/api/users/password", json=wrong)
    assert answer.status_code in {400, 401, 403}, answer.text
    assert is_signed_in(other_device)

    body = {"currentPassword": PASSWORD, "newPassword": NEW_PASSWORD}
    assert shopper.client.post("/api/users/password", json=body).status_code == 204
    assert is_signed_in(shopper)
    assert not is_signed_in(other_device)
    old = {"email": shopper.user["email"], "password": PASSWORD}
    refused(other_device.client.post("/api/users/signin", json=old), 401, "INVALID_CREDENTIALS")
    other_device.sign_in(shopper.user["email"], NEW_PASSWORD)
    assert len(sessions_of(shopper)) == 2


def test_a_device_is_signed_out_from_another(shopper: Shopper, other_device: Shopper) -> None:
    mine, theirs = sorted(sessions_of(shopper), key=lambda each: not each["isCurrent"])
    assert (mine["isCurrent"], theirs["isCurrent"]) == (True, False)
    assert "httpx" in mine["userAgent"]
    assert shopper.client.delete(f"/api/users/sessions/{theirs['id']}").status_code == 204
    assert not is_signed_in(other_device)
    assert [each["id"] for each in sessions_of(shopper)] == [mine["id"]]


def test_a_profile_has_what_its_owner_gives_and_nothing_else(shopper: Shopper) -> None:
    given = {"name": "Ada", "phone": "+1 (555) 010-99", "address": "1 Main Street\nSpringfield"}
    user = ok(shopper.client.post("/api/users/profile", json=given))["user"]
    assert user == shopper.user | given
    assert ok(shopper.client.get("/api/users/currentuser"))["currentUser"] == user
    for taken in ({"role": "admin"}, {"isBlocked": False}, {"email": "other@example.org"}):
        refused(shopper.client.post("/api/users/profile", json=taken), 400, "VALIDATION_FAILED")
    assert ok(shopper.client.post("/api/users/profile", json={"phone": ""}))["user"]["phone"] == ""


def test_pages_of_other_sites_may_change_nothing(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    body = {"productId": admin.add_product(quantity=5)["id"], "quantity": 1}
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": shop.url + ".evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ):
        answer = shopper.client.post("/api/cart/add", json=body, headers=headers)
        refused(answer, 403, "ORIGIN_NOT_ALLOWED")
    assert shopper.cart()["items"] == []
    ok(shopper.client.post("/api/cart/add", json=body, headers={"Origin": shop.url}))


def test_the_public_keys_are_public_only(shop: Shop, guest: Shopper) -> None:
    answer = guest.client.get("/.well-known/jwks.json")
    keys = ok(answer)["keys"]
    assert "max-age=300" in answer.headers["cache-control"]
    assert keys
    for key in keys:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "alg", "use"}
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", key["x"])
    assert len({key["kid"] for key in keys}) == len(keys)


def test_accounts_are_listed_for_admins(admin: Admin, shopper: Shopper) -> None:
    def found(**query: str) -> list[str]:
        page = ok(admin.client.get("/api/users/admin/users", params=query))
        return [user["id"] for user in page["users"]]

    email = shopper.user["email"]
    assert found(query=email) == [shopper.user["id"]]
    assert found(query=email[:12].upper()) == [shopper.user["id"]]
    assert found(query=email, role="user", blocked="false") == [shopper.user["id"]]
    assert found(query=email, role="admin") == []
    assert found(query=email, blocked="true") == []

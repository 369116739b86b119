"""What people and processes keep to themselves is in nothing that the shop writes or answers."""

import json
import os
import signal
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import grpc
import httpx
import pytest
from shop.auth.v1 import auth_pb2, auth_pb2_grpc
from shop.ops.v1 import logs_pb2, logs_pb2_grpc
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from tests.journeys.callers import CLIENT, Kind, channel_to, token_of
from tests.support.people import PATIENCE_SECONDS, Admin, Shop, Shopper, ok

CARD = "4000002500003155"
DEBUG = '"log.level":"DEBUG"'


@contextmanager
def everything_logged(shop: Shop) -> Iterator[None]:
    """Each service logs from DEBUG up, by its RPC, and the gateway, by its signal."""
    metadata = (("authorization", f"Bearer {token_of(shop, Kind.ADMIN)}"),)

    def set_level(level: "logs_pb2.LogLevel.ValueType") -> None:
        for name, process in shop.ready["processes"].items():
            if process["grpc"]:
                with channel_to(shop, name) as channel:
                    logs_pb2_grpc.LogServiceStub(channel).SetLogLevel(
                        logs_pb2.SetLogLevelRequest(level=level),
                        timeout=PATIENCE_SECONDS,
                        metadata=metadata,
                    )

    gateway = shop.ready["processes"]["gateway"]["pid"]
    set_level(logs_pb2.LOG_LEVEL_DEBUG)
    os.kill(gateway, signal.SIGUSR1)
    yield
    set_level(logs_pb2.LOG_LEVEL_UNSPECIFIED)
    os.kill(gateway, signal.SIGUSR2)


def logged(shop: Shop) -> dict[str, str]:
    """Log -> all of it."""
    return {log.stem: log.read_text() for log in (shop.data / "logs").glob("*.log")}


class Visit:
    """A visitor of whom all that was answered is kept, and what they would not have others know."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.answered: list[str] = []
        self.secrets: dict[str, str] = {}
        client.event_hooks["response"].append(self._keep)

    def _keep(self, response: httpx.Response) -> None:
        response.read()
        self.answered.append(response.text)
        for name, value in response.cookies.items():
            if value:
                self.secrets[f"cookie {name} {len(self.secrets)}"] = value

    def secret(self, what: str) -> str:
        """A new secret, such as a password."""
        self.secrets[what] = f"{uuid.uuid4().hex}-Aa1"
        return self.secrets[what]


def shop_secrets(shop: Shop) -> dict[str, str]:
    """Those that its processes were given."""
    kept = json.loads((shop.data / "secrets.json").read_text())
    clients = kept.pop("service_clients")
    # Browsers are given the one, and the other only names a key, as a user name does.
    del kept["stripe_publishable_key"], kept["s3_access_key"]
    key = (shop.data / "signing-key.pem").read_text().splitlines()[1]
    admin = shop.ready["logins"]["admin"]["password"]
    return {**kept, **clients, "signing key": key, "password of the admin": admin}


def test_no_secret_is_in_what_is_logged_answered_or_measured(shop: Shop, admin: Admin) -> None:
    thing = admin.add_product(quantity=5)
    with everything_logged(shop), shop.visitor() as client:
        visit = Visit(client)
        buy(visit, thing["id"])
        fail(shop, visit)
    shown = logged(shop)
    shown["answers"] = "\n".join(visit.answered)
    shown["system"] = admin.client.get("/api/admin/system").text
    shown["audit"] = admin.client.get("/api/admin/audit", params={"pageSize": 100}).text
    for name, process in shop.ready["processes"].items():
        shown[f"metrics of {name}"] = httpx.get(f"{process['ops']}/metrics").text
    # It would show nothing, did they not say what was done.
    quiet = [name for name in shop.ready["processes"] if DEBUG not in shown[name]]
    assert quiet == []
    secrets = {**visit.secrets, **shop_secrets(shop), "card": CARD}
    assert len([name for name in secrets if name.startswith("cookie")]) > 4
    found = [(what, name) for what, it in secrets.items() for name in shown if it in shown[name]]
    assert found == []


def buy(visit: Visit, product_id: str) -> None:
    """Sign up with a full cart, buy, change the password, sign out and in again."""
    person, email = Shopper(visit.client), f"{uuid.uuid4().hex}@example.org"
    person.put_in_cart(product_id)
    password = visit.secret("password")
    account = {"email": email, "password": password}
    ok(visit.client.post("/api/users/signup", json=account), 201)
    order = person.check_out()
    visit.client.post("/api/payments", json={"orderId": order["id"], "paymentMethodId": CARD})
    visit.client.post("/api/payments", json={"orderId": order["id"], "token": CARD})
    ok(person.pay(order, "tok_visa"), 201)
    person.order_when(order["id"], "completed")
    ok(visit.client.post("/api/users/refresh", json={}))
    change = {"currentPassword": password, "newPassword": visit.secret("new password")}
    assert visit.client.post("/api/users/password", json=change).status_code == 204
    visit.client.post("/api/users/signout", json={})
    account["password"] = change["newPassword"]
    ok(visit.client.post("/api/users/signin", json=account))


def fail(shop: Shop, visit: Visit) -> None:
    """Be refused in all ways in which a secret is at hand."""
    wrong = {"email": "admin@example.org", "password": visit.secret("wrong password")}
    visit.client.post("/api/users/signin", json=wrong)
    visit.client.post("/api/users/signin", content=json.dumps(wrong)[:-1])
    visit.client.post("/api/users/signin", json={**wrong, "email": 5})
    visit.client.post("/api/users/signup", json={"email": "x", "password": visit.secret("short")})
    visit.client.post("/signin", data=wrong, headers={"Origin": shop.url})
    bearer = {"Authorization": f"Bearer {visit.secret('forged token')}"}
    visit.client.get("/api/orders", headers=bearer)
    stale = {"Cookie": f"refreshToken={visit.secret('refresh token')}"}
    visit.client.post("/api/users/refresh", json={}, headers=stale)
    signature = {"Stripe-Signature": f"t=1,v1={visit.secret('signature')}"}
    visit.client.post("/api/payments/webhook", content=b"{}", headers=signature)
    with connect(shop.url.replace("http", "ws") + "/ws/notifications") as socket:
        socket.send(json.dumps({"type": "auth", "token": visit.secret("token of a socket")}))
        with pytest.raises(ConnectionClosedError):
            visit.answered.extend(map(str, socket))
    request = auth_pb2.IssueServiceTokenRequest(
        client_id=CLIENT, client_secret=visit.secret("secret of a process")
    )
    with channel_to(shop, "svc_auth") as channel, pytest.raises(grpc.RpcError):
        auth_pb2_grpc.AuthServiceStub(channel).IssueServiceToken(request, timeout=PATIENCE_SECONDS)

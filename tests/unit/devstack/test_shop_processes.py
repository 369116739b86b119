"""The table of the shop's processes."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from chassis.settings.environment import load
from chassis.settings.types import Address
from devstack import shop_processes
from devstack.credentials import Credentials
from devstack.ports import LOOPBACK, Ports
from devstack.servers import DATABASES, S3Address, Servers
from devstack.shop_processes import (
    GATEWAY,
    SERVICES,
    ProcessPorts,
    Shop,
    choose_ports,
    demo,
    environments,
    table,
)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    servers = Servers(
        kafka="127.0.0.1:1",
        mongo={name: f"mongodb://127.0.0.1:2/{name}" for name in DATABASES},
        redis="redis://127.0.0.1:3/0",
        s3=S3Address("http://127.0.0.1:4", "key", "secret"),
        stripe="http://127.0.0.1:5",
    )
    ports = {name: ProcessPorts(100 + n, 200 + n) for n, name in enumerate(SERVICES)}
    return Shop(
        servers, {**ports, GATEWAY: ProcessPorts(None, 300, 8000)}, Credentials(), tmp_path, {}
    )


def test_every_service_has_its_own_database_and_credential(shop: Shop) -> None:
    for setting in ("MONGODB_URL", "CLIENT_SECRET"):
        values = [environments(shop)[name][setting] for name in SERVICES]
        assert len({*values}) == len(SERVICES), setting


def test_every_process_has_ports_of_its_own(shop: Shop) -> None:
    ports = [
        value
        for process in table(shop)
        for name, value in process.env.items()
        if name in {"GRPC_PORT", "OPS_PORT", "PORT"}
    ]
    assert len({*ports}) == len(ports) == 2 * len(SERVICES) + 2


def test_everyone_finds_everyone(shop: Shop) -> None:
    for process in table(shop):
        assert process.env["ORDERS_URL"] == f"127.0.0.1:{shop.ports['svc_orders'].grpc}"


def test_replicas_are_the_same_but_for_their_ports_and_are_called_in_turn(shop: Shop) -> None:
    ports = {f"{name}-2": ProcessPorts(400 + n, 500 + n) for n, name in enumerate(SERVICES)}
    two = replace(shop, ports={**shop.ports, **ports})
    by_name = {process.name: process for process in table(two)}
    assert len(by_name) == 2 * len(SERVICES) + 1
    first, second = by_name["svc_cart"], by_name["svc_cart-2"]
    assert first.argv == second.argv
    assert {name for name in first.env if first.env[name] != second.env[name]} == {
        "GRPC_PORT",
        "OPS_PORT",
    }
    address = by_name[GATEWAY].env["CART_URL"]
    assert address == f"ipv4:127.0.0.1:{first.env['GRPC_PORT']},127.0.0.1:{second.env['GRPC_PORT']}"
    assert load(Peers, {"CART_URL": address}).cart_url == address
    assert by_name[GATEWAY].needs >= {"svc_cart", "svc_cart-2"}


class CountedPorts(Ports):
    """Ports that nobody asks the operating system for."""

    def __init__(self) -> None:
        super().__init__()
        self._next = 20_000

    def choose(self) -> int:
        self._next += 1
        return self._next


def test_workers_share_a_port_and_are_probed_each(shop: Shop) -> None:
    ports = choose_ports(CountedPorts(), 8000, replicas=2, workers=3)
    shared = replace(shop, ports=ports)
    by_name = {process.name: process for process in table(shared)}
    workers = [by_name[name] for name in (GATEWAY, f"{GATEWAY}-2", f"{GATEWAY}-3")]
    assert {worker.env["PORT"] for worker in workers} == {"8000"}
    assert {worker.env["SHARES_PORT"] for worker in workers} == {"true"}
    assert len({worker.env["OPS_PORT"] for worker in workers}) == 3
    services = {f"{name}{number}" for name in SERVICES for number in ("", "-2")}
    assert set(by_name) == services | {worker.name for worker in workers}
    assert all(worker.needs >= services and GATEWAY not in worker.needs for worker in workers)
    assert demo(shared).needs == services | {"kafka"}
    assert shared.url == workers[0].env["PUBLIC_URL"] == "http://127.0.0.1:8000"


def test_one_worker_has_the_port_to_itself() -> None:
    own = choose_ports(CountedPorts(), 8000)[GATEWAY]
    assert (own.http, own.is_shared) == (8000, False)
    assert own.ops != 8000


@dataclass(frozen=True)
class Peers:
    cart_url: Address


def test_svc_auth_knows_every_client_by_its_secret(shop: Shop) -> None:
    table = environments(shop)
    clients = json.loads(table["svc_auth"]["SERVICE_CLIENTS"])

    assert {name: env["CLIENT_SECRET"] for name, env in table.items()} == clients


def test_webhooks_go_to_the_gateway(shop: Shop) -> None:
    assert shop_processes.webhook_url(8000) == f"{shop.url}/api/payments/webhook"


def test_the_gateway_stops_first_and_servers_last(shop: Shop) -> None:
    needs = {process.name: process.needs for process in table(shop)}

    assert needs[GATEWAY] >= {*SERVICES, "kafka", "redis"}
    assert all({"kafka", "mongo", "redis"} <= needs[name] for name in SERVICES)


def test_the_persons_own_stripe_gets_their_keys(shop: Shop) -> None:
    environ = {"STRIPE_URL": "https://stripe.example", "STRIPE_SECRET_KEY": "sk_test_mine"}
    own = replace(shop, environ=environ)

    assert environments(own)["svc_payments"]["STRIPE_SECRET_KEY"] == "sk_test_mine"
    assert environments(shop)["svc_payments"]["STRIPE_SECRET_KEY"].startswith("sk_test_")


def test_secrets_are_made_once_and_readable_by_the_owner_only(tmp_path: Path) -> None:
    made = Credentials.kept_in(tmp_path)

    assert Credentials.kept_in(tmp_path) == made
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600


def test_a_client_that_is_new_gets_a_secret(tmp_path: Path) -> None:
    old = Credentials(service_clients={"svc_auth": "kept"})
    (tmp_path / "secrets.json").write_text(json.dumps(old.__dict__))

    clients = Credentials.kept_in(tmp_path).service_clients
    assert clients["svc_auth"] == "kept"
    assert set(clients) >= {*SERVICES, GATEWAY}


def test_a_shop_is_filled_once(shop: Shop) -> None:
    (command,) = demo(shop).first
    assert {f"{name}={LOOPBACK}:{shop.ports[name].grpc}" for name in SERVICES} <= {*command.argv}

    Path(command.argv[command.argv.index("--mark") + 1]).touch()
    assert demo(shop).first == ()


def test_a_shop_whose_documents_are_elsewhere_is_asked_what_it_has(shop: Shop) -> None:
    (command,) = demo(shop).first
    Path(command.argv[command.argv.index("--mark") + 1]).touch()
    assert demo(replace(shop, environ={"MONGODB_URL": "mongodb://db.example"})).first == (command,)


def test_a_process_makes_spans_only_where_zipkin_was_asked_for(shop: Shop) -> None:
    names = {"OTEL_EXPORTER_ZIPKIN_ENDPOINT", "OTEL_TRACES_SAMPLER_ARG"}
    assert not any(names & set(env) for env in environments(shop).values())
    servers = replace(shop.servers, zipkin="http://127.0.0.1:6")
    for env in environments(replace(shop, servers=servers)).values():
        assert env["OTEL_EXPORTER_ZIPKIN_ENDPOINT"] == "http://127.0.0.1:6/api/v2/spans"
        assert env["OTEL_TRACES_SAMPLER_ARG"] == "1"

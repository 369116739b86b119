"""The shop's own processes, and the environment that each is given."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack import health
from devstack.credentials import Credentials
from devstack.logins import ADMIN
from devstack.ports import LOOPBACK, Ports
from devstack.processes.process import Command, Process
from devstack.servers import DATABASES, Servers

GATEWAY = "gateway"
SERVICES = tuple(f"svc_{name}" for name in DATABASES)
# The file in a data folder that says that the shop was filled.
DEMO_MARK = "demo-loaded"
# With it comes nearly all that any process of the shop imports.
SHARED_IMPORTS = ("chassis.service",)
IMAGES_BUCKET = "shop-images"
PAGES = "ui.app:create_app"
# Asked of Stripe itself rather than of the emulator, when STRIPE_URL names it.
STRIPE_SETTINGS = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET")


@dataclass(frozen=True)
class ProcessPorts:
    """The ports of one process.

    Attributes:
        grpc: Where a service is called; None for the gateway.
        ops: Probes and metrics over HTTP.
        http: Where browsers go; None for a service.
        is_shared: Several gateways share `http`.
    """

    grpc: int | None
    ops: int
    http: int | None = None
    is_shared: bool = False


@dataclass(frozen=True)
class Shop:
    """What the table below is made from."""

    servers: Servers
    ports: Mapping[str, ProcessPorts]
    credentials: Credentials
    data: Path
    environ: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where browsers go."""
        return f"http://{LOOPBACK}:{self.ports[GATEWAY].http}"


def choose_ports(
    ports: Ports, port: int, replicas: int = 1, workers: int = 1
) -> dict[str, ProcessPorts]:
    """Free ports for every replica of every service, and `port` for all workers of the gateway.

    The first replica has the service's name; the others are named `svc_cart-2` and so on.
    """
    names = [each for name in SERVICES for each in _names(name, replicas)]
    chosen = {name: ProcessPorts(ports.choose(), ports.choose()) for name in names}
    return chosen | {
        each: ProcessPorts(None, ports.choose(), port, is_shared=workers > 1)
        for each in _names(GATEWAY, workers)
    }


def _names(name: str, number: int) -> list[str]:
    return [name, *(f"{name}-{each}" for each in range(2, number + 1))]


def replicas_of(name: str, ports: Mapping[str, ProcessPorts]) -> list[str]:
    """The names of a process's replicas, its own first."""
    return [each for each in ports if each.partition("-")[0] == name]


def webhook_url(port: int) -> str:
    """Where Stripe's events go in a shop whose gateway listens on `port`."""
    return f"http://{LOOPBACK}:{port}/api/payments/webhook"


def environments(shop: Shop) -> dict[str, dict[str, str]]:
    """The environment of each process, whichever of its replicas, without the replica's ports."""
    servers, keys = shop.servers, shop.credentials
    # fmt: off
    return {
        "svc_auth": {
            **_service(shop, "auth"),
            "SERVICE_CLIENTS": json.dumps(dict(keys.service_clients)),
            "SIGNING_KEY_FILE": str(shop.data / "signing-key.pem"),
            "BOOTSTRAP_ADMIN_EMAIL": ADMIN.email,
            "BOOTSTRAP_ADMIN_PASSWORD": ADMIN.password,
        },
        "svc_catalog": {
            **_service(shop, "catalog"),
            "S3_URL": servers.s3.url,
            "S3_ACCESS_KEY": servers.s3.access_key,
            "S3_SECRET_KEY": servers.s3.secret_key,
            "S3_BUCKET": IMAGES_BUCKET,
        },
        "svc_cart": _service(shop, "cart"),
        "svc_orders": {**_service(shop, "orders"), "UNPAID_ORDERS_OF_NETWORK": "0"},
        "svc_payments": {
            **_service(shop, "payments"),
            "STRIPE_URL": servers.stripe,
            "STRIPE_RETURN_URL": f"{shop.url}/orders/{{order_id}}",
            **_stripe_keys(shop),
        },
        "svc_notify": _service(shop, "notify"),
        GATEWAY: {
            **_common(shop, GATEWAY),
            "PUBLIC_URL": shop.url,
            "MOUNT": PAGES,
            # All callers are of one network here, and some of them are load generators.
            "RATE_LIMITS": shop.environ.get("RATE_LIMITS", "off"),
            "SOCKETS_PER_NETWORK": shop.environ.get("SOCKETS_PER_NETWORK", "0"),
        },
    }
    # fmt: on


def table(shop: Shop) -> list[Process]:
    """The processes to run: they start with the servers, and stop before them.

    Each waits by itself for what it needs, so nothing is gained by starting it later.
    """
    servers = frozenset({"kafka", "mongo", "redis"})
    needs = {
        "svc_catalog": servers | {"s3"},
        "svc_payments": servers | {"stripe"},
        GATEWAY: servers | _services(shop),
    }
    return [
        Process(
            name=replica,
            about=_about(shop, replica),
            argv=(sys.executable, "-m", name),
            env={**env, **_ports(shop.ports[replica])},
            healthy=health.http(shop.ports[replica].ops, "/api/ready"),
            needs=needs.get(name, servers),
            eager=True,
            imports=SHARED_IMPORTS,
            shows_log=True,
        )
        for name, env in environments(shop).items()
        for replica in replicas_of(name, shop.ports)
    ]


def demo(shop: Shop) -> Process:
    """What fills the shop with the demo's data, and keeps nothing running.

    A shop that was filled is left alone: its folder says so, unless it does not have the documents.
    """
    mark = shop.data / DEMO_MARK
    fill = (sys.executable, "-m", "devstack.demo", "--mark", str(mark))
    addresses = [f"{name}={LOOPBACK}:{shop.ports[name].grpc}" for name in SERVICES]
    is_filled = mark.exists() and not shop.environ.get("MONGODB_URL")
    return Process(
        name="demo",
        about="products, users and orders",
        imports=SHARED_IMPORTS,
        first=() if is_filled else (Command((*fill, *addresses), "filling the shop"),),
        healthy=health.all_of(()),
        needs=_services(shop) | {"kafka"},
    )


def _services(shop: Shop) -> frozenset[str]:
    """The names of all replicas of all services."""
    return frozenset(name for name, own in shop.ports.items() if own.grpc is not None)


def _ports(own: ProcessPorts) -> dict[str, str]:
    ports = {"GRPC_PORT": own.grpc, "OPS_PORT": own.ops, "PORT": own.http}
    given = {name: str(port) for name, port in ports.items() if port is not None}
    return given | ({"SHARES_PORT": "true"} if own.is_shared else {})


def _service(shop: Shop, database: str) -> dict[str, str]:
    """The settings that all services have."""
    return {**_common(shop, f"svc_{database}"), "MONGODB_URL": shop.servers.mongo[database]}


def _common(shop: Shop, name: str) -> dict[str, str]:
    """The settings that every process has: the servers that all share, and each other."""
    peers = {f"{name.upper()}_URL": _address(shop, f"svc_{name}") for name in DATABASES}
    return {
        **peers,
        "KAFKA_URL": shop.servers.kafka,
        "REDIS_URL": shop.servers.redis,
        "CLIENT_SECRET": shop.credentials.service_clients[name],
        **_traced(shop),
    }


def _traced(shop: Shop) -> dict[str, str]:
    """The settings by which each request is traced; none where Zipkin is not asked for."""
    if not shop.servers.zipkin:
        return {}
    return {
        "OTEL_EXPORTER_ZIPKIN_ENDPOINT": f"{shop.servers.zipkin}/api/v2/spans",
        "OTEL_TRACES_SAMPLER_ARG": shop.environ.get("OTEL_TRACES_SAMPLER_ARG", "1"),
    }


def _address(shop: Shop, service: str) -> str:
    """Where a service is called: at all of its replicas in turn."""
    addresses = [f"{LOOPBACK}:{shop.ports[each].grpc}" for each in replicas_of(service, shop.ports)]
    return addresses[0] if len(addresses) == 1 else f"ipv4:{','.join(addresses)}"


def _stripe_keys(shop: Shop) -> dict[str, str]:
    """The person's own keys where they name Stripe themselves, and else the emulator's."""
    if shop.environ.get("STRIPE_URL"):
        return {name: shop.environ[name] for name in STRIPE_SETTINGS if name in shop.environ}
    keys = shop.credentials
    values = (keys.stripe_secret_key, keys.stripe_publishable_key, keys.stripe_webhook_secret)
    return dict(zip(STRIPE_SETTINGS, values, strict=True))


def _about(shop: Shop, name: str) -> str:
    own = shop.ports[name]
    if own.grpc is not None:
        return f"gRPC {own.grpc}, probes and metrics {own.ops}"
    return f"{shop.url}, probes and metrics {own.ops}"

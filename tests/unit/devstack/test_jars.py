"""The lock of the Java libraries: what counts as cached, and what is refused."""

import hashlib
from pathlib import Path

import pytest

from devstack import jars
from devstack.jars import Jar
from devstack.startup_errors import StartupError

CONTENT = b"a library"
JAR = Jar("org.example:thing:1.0", hashlib.sha256(CONTENT).hexdigest())


def put(jar: Jar, cache: Path, content: bytes) -> None:
    path = jar.path(cache)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def lock(monkeypatch: pytest.MonkeyPatch, *locked: Jar) -> None:
    monkeypatch.setattr(jars, "locked", lambda _: list(locked))


def test_a_library_lies_where_maven_would_put_it(tmp_path: Path) -> None:
    assert JAR.path(tmp_path) == tmp_path / "org/example/thing/1.0/thing-1.0.jar"


def test_a_classifier_is_a_part_of_the_name(tmp_path: Path) -> None:
    jar = Jar("org.example:thing:1.0:exec", "00")
    assert jar.path(tmp_path) == tmp_path / "org/example/thing/1.0/thing-1.0-exec.jar"


def test_what_is_cached_is_not_missing(tmp_path: Path) -> None:
    other = Jar("org.example:other:2.0", "00")
    put(JAR, tmp_path, CONTENT)

    assert jars.missing([JAR, other], tmp_path) == [other]


def test_a_changed_library_is_refused(tmp_path: Path) -> None:
    put(JAR, tmp_path, b"something else")

    with pytest.raises(StartupError, match=r"is not the locked org\.example:thing:1\.0"):
        jars.missing([JAR], tmp_path)


def test_a_download_appears_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock(monkeypatch, JAR)
    registry(monkeypatch, CONTENT)

    jars.fetch("kafka", tmp_path)

    assert JAR.path(tmp_path).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["org"]


def test_a_download_that_is_not_what_was_locked_stays_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock(monkeypatch, JAR)
    registry(monkeypatch, b"something else")

    with pytest.raises(StartupError, match=r"sent another org\.example:thing:1\.0"):
        jars.fetch("kafka", tmp_path)
    assert not JAR.path(tmp_path).exists()


@pytest.mark.parametrize("group", jars.ROOTS)
def test_the_lock_holds_every_root_and_whole_checksums(group: str) -> None:
    locked = jars.locked(group)

    assert {*jars.ROOTS[group]} <= {jar.coordinate for jar in locked}
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in locked)


def test_the_cache_can_be_moved() -> None:
    assert jars.cache_folder({"SHOP_CACHE": "/elsewhere"}) == Path("/elsewhere/jars")
    assert jars.cache_folder({}).is_relative_to(Path.home())


def registry(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    """A registry that has `content` under every coordinate."""

    def resolve(coordinate: str, repository: Path) -> Path:
        jar = Jar(coordinate, "")
        put(jar, repository, content)
        return jar.path(repository)

    monkeypatch.setattr(jars, "_resolve", resolve)

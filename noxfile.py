#!/usr/bin/env python3
"""What one can do here; `nox -l` lists it.

`python3 noxfile.py -s up` is the same as `nox -s up` and needs no nox: run as a script, this file
makes itself a small virtual environment with the pinned nox and goes on there.
"""

import hashlib
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
OLDEST, NEWEST = (3, 11), (3, 14)
UP_LOCK = ROOT / "requirements" / "up.txt"
DEV_LOCK = ROOT / "requirements" / "dev.txt"
NOX_LOCK = ROOT / "requirements" / "nox.txt"
# What an environment is made of beside its lock: a change of any makes it again.
INGREDIENTS = (ROOT / "pyproject.toml", *sorted((ROOT / "proto").rglob("*.p*o*")))


def fingerprint(*files: Path) -> str:
    """A short digest of `files`, the Python that runs, and where this checkout is."""
    digest = hashlib.sha256(f"{sys.version}{ROOT}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def bootstrap() -> None:
    """Go on in an environment that has nox; does not return."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        sys.exit(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} is not supported: "
            "run this with Python 3.11, 3.12, 3.13 or 3.14."
        )
    home = ROOT / ".nox" / f"nox-{fingerprint(NOX_LOCK)}"
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (home / "complete").exists():
        print("Preparing nox ...", flush=True)
        shutil.rmtree(home, ignore_errors=True)
        make_environment(home, python)
        (home / "complete").touch()
    become(python, "-m", "nox", "-f", __file__, *sys.argv[1:])


def become(python: str | Path, *arguments: str) -> NoReturn:
    """Go on as another Python: in this very process, so that what ends it leaves nothing behind."""
    sys.stdout.flush()
    # Shells have what they run in the background ignore SIGINT, and exec keeps that;
    # `kill -INT` is to stop such a one too.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(python, [str(python), *arguments])  # noqa: S606


def make_environment(home: Path, python: Path) -> None:
    """Make a virtual environment with the pinned nox, also where ensurepip is missing."""
    pip = [str(python), "-m", "pip"]
    with_pip = [sys.executable, "-m", "venv", str(home)]
    if subprocess.run(with_pip, capture_output=True, check=False).returncode != 0:
        shutil.rmtree(home, ignore_errors=True)
        pip = [sys.executable, "-m", "pip", "--python", str(python)]
        without_pip = [sys.executable, "-m", "venv", "--without-pip", str(home)]
        made = subprocess.run(without_pip, capture_output=True, check=False).returncode == 0
        if (
            not made
            or subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode
        ):
            sys.exit(
                f"{sys.executable} can make no virtual environment: "
                "install its venv and pip (on Debian: apt install python3-venv)."
            )
    total = len(re.findall("^[a-z]", NOX_LOCK.read_text(), re.MULTILINE))
    with subprocess.Popen(
        [*pip, "install", "--disable-pip-version-check", "--require-hashes", "-r", str(NOX_LOCK)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as installing:
        output = []
        for line in installing.stdout or ():
            output.append(line)
            if match := re.match(r"Collecting ([\w.-]+)", line):
                done = sum(each.startswith("Collecting") for each in output)
                print(f"Preparing nox: package {done} of {total}, {match[1]}", flush=True)
    if installing.returncode:
        shutil.rmtree(home, ignore_errors=True)
        sys.exit(cannot_install("".join(output)))


def cannot_install(output: str) -> str:
    """One line for a failed installation."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    cause = lines[-1] if lines else "no output"
    return (
        "The Python packages could not be installed; is the package registry reachable, and is "
        f"there room on the disk? The last word was: {cause}"
    )


if __name__ == "__main__":
    bootstrap()

import nox

nox.needs_version = ">=2025.5.1"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"
nox.options.sessions = ["up"]
nox.options.stop_on_first_error = True


def prepare(session: nox.Session, locked: Path = DEV_LOCK) -> None:
    """Have the packages of `locked` installed, the stubs built, and the project on the path."""
    if not session.virtualenv.is_sandboxed:
        return  # with --no-venv everything is there already
    mark = Path(session.virtualenv.location) / "complete"
    wanted = fingerprint(locked, *INGREDIENTS)
    if mark.exists() and mark.read_text() == wanted:
        return
    session.log("Installing the Python packages and building the stubs ...")
    mark.unlink(missing_ok=True)
    # pip does that by itself. Without, each process compiles what it imports at each start where
    # Python may write no bytecode, and keeps what that took.
    environment = {"UV_COMPILE_BYTECODE": "1"} | registry_settings()
    try:
        # The lock is whole, less what is left out on purpose: nothing is to be resolved again.
        session.install(
            "--no-deps", "--require-hashes", "-r", str(locked), env=environment, silent=False
        )
        session.install(
            "--no-deps", "--no-build-isolation", "-e", ".", env=environment, silent=False
        )
    except nox.command.CommandFailed as error:
        session.error(cannot_install(str(error.reason)))
    mark.write_text(wanted)


def registry_settings() -> dict[str, str]:
    """What pip is configured with, in uv's terms, so that both go to the same registry."""
    settings = {"UV_SYSTEM_CERTS": "1"}
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        if key.rpartition(".")[2] == "index-url" and "UV_DEFAULT_INDEX" not in os.environ:
            settings["UV_DEFAULT_INDEX"] = value.strip("'")
    return settings


@nox.session
def up(session: nox.Session) -> None:
    """Start the shop: -- [--port N] [--data DIR] [--fresh] [--workers N] [--replicas N] [--trace].

    Or stop it: -- --stop [--data DIR].
    """
    prepare(session, UP_LOCK)
    go_on_as(session, "-m", "devstack", "up", *session.posargs)


def go_on_as(session: nox.Session, *arguments: str) -> NoReturn:
    """Become the session's Python: what stops this then stops it, and it stops what it started."""
    session.log(f"python {' '.join(arguments)}")
    is_apart = session.virtualenv.is_sandboxed
    become(Path(session.bin) / "python" if is_apart else sys.executable, *arguments)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests, on real servers: -- [pytest arguments]."""
    run_tests(session, *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Run the tests that kill and stop parts of a running shop: -- [pytest arguments]."""
    run_tests(session, "tests/faults", *session.posargs)


@nox.session
def fuzz(session: nox.Session) -> None:
    """Send the shop some 20,000 requests and as many calls that no client sends."""
    session.env["FUZZ_CASES"] = "27000"  # some addresses take nothing, and get only one request
    run_tests(session, *(f"tests/journeys/test_fuzzed_{what}.py" for what in ("routes", "rpcs")))


def run_tests(session: nox.Session, *arguments: str) -> None:
    """Run pytest: it has the time to stop its servers after Ctrl-C, and ends when nox does."""
    prepare(session)
    session.run(
        *("python", str(ROOT / "devstack" / "processes" / "parent_death.py"), str(os.getpid())),
        *("python", "-m", "pytest", *arguments),
        interrupt_timeout=60.0,
        terminate_timeout=30.0,
    )


@nox.session
def browser(session: nox.Session) -> None:
    """Look at the pages in Chromium, which has to be installed: -- [pytest arguments]."""
    prepare(session)
    session.install(
        *("--no-deps", "--require-hashes", "-r", "requirements/browser.txt"),
        env=registry_settings(),
        silent=False,
    )
    run_tests(session, "tests/browser", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, layering and the contract."""
    prepare(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy", ".")
    session.run("lint-imports")
    session.run("buf", "lint")
    session.run("buf", "breaking", "--against", str(contract_of(compared_with())))


def compared_with() -> str:
    """The revision whose clients a change must not break: main, or on main the one before."""

    def commit(revision: str) -> str:
        command = ["git", "rev-parse", "--verify", "--quiet", revision]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.strip()

    is_main = commit("main") == commit("HEAD")
    return (commit("HEAD~1") if is_main else "") or "main"


def contract_of(revision: str) -> Path:
    """A folder with the contract of `revision`, and what it imports: buf looks nothing up."""
    folder = ROOT / "build" / "contract"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "build" / "googleapis", folder / "build" / "googleapis")
    command = ["git", "archive", "--format=zip", revision, "proto", "buf.yaml"]
    archive = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        packed.extractall(folder)
    return folder


@nox.session
def bench(session: nox.Session) -> None:
    """Measure the shop beside references: -- [NAME...] [--rounds N] [--seconds S] [--json FILE].

    Or put the figures into docs/performance.md: -- --tables [--json FILE].
    """
    # With the packages that a shop runs with, and no other: some load what they find installed.
    prepare(session, UP_LOCK)
    go_on_as(session, "-m", "benchmarks", *session.posargs)


@nox.session
def proto(session: nox.Session) -> None:
    """Build the stubs again after a change of the contract."""
    prepare(session)
    session.run("python", "proto/build_stubs.py")


@nox.session
def lock(session: nox.Session) -> None:
    """Resolve the locked versions anew."""
    prepare(session)
    compile_ = (
        "uv",
        "pip",
        "compile",
        "--quiet",
        "--universal",
        "--generate-hashes",
        "--upgrade",
        "--no-emit-index-url",
        "--no-header",
        "--python-version",
        "3.11",
    )
    for source, target, *groups in (
        ("requirements/nox.in", "requirements/nox.txt"),
        ("requirements/build.in", "requirements/build.txt"),
        ("pyproject.toml", "requirements/run.txt", "--extra", "shopctl"),
        ("pyproject.toml", "requirements/dev.txt", "--extra", "shopctl", "--group", "dev"),
        (
            *("pyproject.toml", "requirements/up.txt", "--extra", "shopctl"),
            *("--group", "devstack", "--group", "build"),
            *("-c", "requirements/dev.txt"),
        ),
        ("requirements/browser.in", "requirements/browser.txt", "-c", "requirements/dev.txt"),
    ):
        session.run(*compile_, source, *groups, "-o", target, external=True)

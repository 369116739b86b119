"""A shop that cannot start says why in one line, and leaves nothing behind."""

import os
import shutil
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.faults.processes import SERVICES
from tests.support.running import free_port

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 120
CANNOT_START = 2

Finished = subprocess.CompletedProcess[str]

# Complete, and of nothing that is there: whoever gets as far as to connect waits.
NOWHERE = {
    **{
        f"{name}_URL": "127.0.0.1:1"
        for name in ("AUTH", "CATALOG", "CART", "ORDERS", "PAYMENTS", "NOTIFY")
    },
    "CLIENT_SECRET": "secret",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "KAFKA_URL": "127.0.0.1:1",
    "MONGODB_URL": "mongodb://127.0.0.1:1/nothing",
    "S3_URL": "http://127.0.0.1:1",
    "S3_ACCESS_KEY": "access-key",
    "S3_SECRET_KEY": "secret-key",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
    "SERVICE_CLIENTS": "{}",
}
# The settings that a process has beside those of every service.
OWN_SETTINGS: Mapping[str, set[str]] = {
    "svc_auth": {"SIGNING_KEY_FILE", "SERVICE_CLIENTS"},
    "svc_catalog": {"S3_URL", "S3_ACCESS_KEY", "S3_SECRET_KEY"},
    "svc_cart": {"ORDERS_URL"},
    "svc_orders": {"CATALOG_URL", "PAYMENTS_URL"},
    "svc_payments": {"ORDERS_URL", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"},
    "svc_notify": set(),
    "gateway": {
        *(
            "PORT",
            "OPS_PORT",
            "CATALOG_URL",
            "CART_URL",
            "ORDERS_URL",
            "PAYMENTS_URL",
            "NOTIFY_URL",
        ),
        "KAFKA_URL",
    },
}
OF_EVERY_PROCESS = {"AUTH_URL", "CLIENT_SECRET", "REDIS_URL"}
OF_EVERY_SERVICE = {"GRPC_PORT", "OPS_PORT", "MONGODB_URL", "KAFKA_URL"}


def run(*words: str, settings: Mapping[str, str] | None = None, cwd: Path = ROOT) -> Finished:
    """Run Python to its end."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        env=settings if settings is not None else dict(os.environ),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def up(data: Path, *options: str, settings: Mapping[str, str] | None = None) -> Finished:
    """`devstack up` to its end; nothing of it may be left."""
    finished = run(
        *("-m", "devstack", "up", "--data", str(data), *(options or ("--port", str(free_port())))),
        settings={**os.environ, **(settings or {})},
    )
    assert not (data / "ready.json").exists()
    assert left_running(data) == []
    return finished


def left_running(data: Path) -> list[str]:
    """The commands that still run on a data folder."""
    listed = subprocess.run(["ps", "-ewwo", "args"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(data) in line]


def the_line(finished: Finished) -> str:
    """The only line of a failed start that is not progress; fails on a traceback."""
    assert finished.returncode != 0
    assert "Traceback" not in finished.stderr + finished.stdout
    [line] = finished.stderr.strip().splitlines()
    return line


def bare(**settings: str) -> dict[str, str]:
    """An environment with no more than Python needs, and `settings`."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    return kept | settings


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_port_is_taken(tmp_path: Path, taken_port: int) -> None:
    line = the_line(up(tmp_path / "data", "--port", str(taken_port)))
    assert f"Port {taken_port} is taken" in line
    assert "--port" in line


@pytest.mark.parametrize("port", ["0", "65536", "many", "-1"])
def test_the_port_is_none(tmp_path: Path, port: str) -> None:
    finished = up(tmp_path / "data", f"--port={port}")
    assert finished.returncode == CANNOT_START
    assert f"'{port}' is not a port" in finished.stderr.splitlines()[-1]


def test_the_data_folder_lies_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    line = the_line(up(tmp_path / "file" / "data"))
    assert "cannot be a folder" in line
    assert "--data" in line


def test_the_data_folder_can_not_be_written(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    # To the superuser nothing is locked but what the kernel keeps to itself.
    folder = locked / "data" if os.geteuid() else Path("/sys/shop-data")
    line = the_line(up(folder))
    assert str(folder) in line
    assert "--data" in line


def test_the_data_folder_holds_something_else(tmp_path: Path) -> None:
    (tmp_path / "diary.txt").write_text("dear diary")
    line = the_line(up(tmp_path))
    assert "not a shop's data" in line
    assert (tmp_path / "diary.txt").read_text() == "dear diary"


def test_the_disk_is_full(tmp_path: Path) -> None:
    line = the_line(
        run(
            "-c",
            textwrap.dedent(
                f"""
                import collections, runpy, shutil, sys
                Usage = collections.namedtuple("Usage", "total used free")
                shutil.disk_usage = lambda _: Usage(10**9, 10**9 - 10**6, 10**6)
                options = ["--port", "{free_port()}", "--data", "{tmp_path}/data"]
                sys.argv = ["devstack", "up", *options]
                runpy.run_module("devstack", run_name="__main__", alter_sys=True)
                """
            ),
        )
    )
    assert "No room" in line
    assert "--data" in line
    assert left_running(tmp_path) == []


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 9), (3, 15, 0)])
def test_the_python_is_not_supported(tmp_path: Path, version: tuple[int, int, int]) -> None:
    """Told by the noxfile before it makes anything, and in words that an old Python can read."""
    shutil.copy(ROOT / "noxfile.py", tmp_path)
    line = the_line(
        run(
            "-c",
            f"import runpy, sys; sys.version_info = {version}; "
            "runpy.run_path('noxfile.py', run_name='__main__')",
            cwd=tmp_path,
        )
    )
    assert f"Python {version[0]}.{version[1]} is not supported" in line
    assert "3.11, 3.12, 3.13 or 3.14" in line
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["noxfile.py"]


def test_the_package_registry_does_not_answer(tmp_path: Path) -> None:
    shutil.copy(ROOT / "noxfile.py", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    nowhere = {
        "PIP_INDEX_URL": f"http://127.0.0.1:{free_port()}/simple",
        "PIP_RETRIES": "0",
        "PIP_NO_CACHE_DIR": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }
    finished = run("noxfile.py", "-l", settings=dict(os.environ) | nowhere, cwd=tmp_path)
    line = the_line(finished)
    assert "could not be installed" in line
    assert "registry reachable" in line


def test_the_registry_of_the_servers_does_not_answer(tmp_path: Path) -> None:
    proxy = f"http://127.0.0.1:{free_port()}"
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), proxy)
    nowhere |= {name.upper(): value for name, value in nowhere.items()} | {"no_proxy": "127.0.0.1"}
    cache = tmp_path / "cache"
    line = the_line(up(tmp_path / "data", settings=nowhere | {"SHOP_CACHE": str(cache)}))
    assert "check the network" in line
    assert not list(cache.rglob("*.jar"))


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
def test_settings_are_missing(name: str) -> None:
    finished = run("-m", name, settings=bare())
    assert finished.returncode == CANNOT_START
    lines = finished.stderr.splitlines()
    assert all(line.startswith(f"{name}: ") and "is not set: give" in line for line in lines), lines
    wanted = OF_EVERY_PROCESS | OWN_SETTINGS[name]
    wanted |= set() if name == "gateway" else OF_EVERY_SERVICE
    assert wanted <= {line.split()[1] for line in lines}


@pytest.mark.parametrize("name", [*SERVICES, "gateway"])
def test_settings_are_malformed(tmp_path: Path, name: str) -> None:
    wrong = {"GRPC_PORT": "many", "OPS_PORT": "65536", "PORT": "", "DRAIN": "soon"}
    wrong |= {
        "REDIS_URL": "127.0.0.1:1",
        "MONGODB_URL": "mongodb://127.0.0.1:1",
        "KAFKA_URL": "k:x",
    }
    settings = NOWHERE | {"SIGNING_KEY_FILE": str(tmp_path / "key.pem")} | wrong
    finished = run("-m", name, settings=bare(**settings))
    assert finished.returncode == CANNOT_START
    lines = finished.stderr.splitlines()
    assert all(line.startswith(f"{name}: ") for line in lines), lines
    own = {"PORT", "OPS_PORT", "KAFKA_URL"} if name == "gateway" else OF_EVERY_SERVICE
    named = {line.split()[1] for line in lines if "is malformed: give" in line}
    assert named == own | {"DRAIN", "REDIS_URL"}


@pytest.mark.parametrize("name", [*SERVICES, "gateway", "ui"])
def test_a_process_finds_its_port_taken(tmp_path: Path, taken_port: int, name: str) -> None:
    settings = NOWHERE | {
        "SIGNING_KEY_FILE": str(tmp_path / "key.pem"),
        "GRPC_PORT": str(free_port()),
        "OPS_PORT": str(taken_port),
        "PORT": str(taken_port),
        "API_URL": "http://127.0.0.1:1",
    }
    finished = run("-m", name, settings=bare(**settings))
    assert finished.returncode == CANNOT_START
    assert "Traceback" not in finished.stderr
    line = finished.stderr.splitlines()[-1]
    assert line.startswith(f"{name}: ")
    assert str(taken_port) in line

"""The image and compose.yaml fit the processes: their settings, ports, probes and endings."""

import ast
import importlib
import json
import re
import tomllib
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from chassis.settings.environment import ProcessSettings, load
from devstack.credentials import CLIENTS
from devstack.stripe_emulator.__main__ import read_arguments
from tests.architecture.manifests import (
    PROCESSES,
    SETTINGS,
    compose,
    compose_as_written,
    dashed,
    image_environment,
    known_settings,
    stages,
)
from tests.architecture.source_tree import ROOT, SERVICES

LOCKED = re.compile(r"^([a-z0-9-]+==\S+)", re.MULTILINE)


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"][dashed(name)]
    return found


def environment(process: str) -> dict[str, str]:
    given: dict[str, str] = service(process)["environment"]
    return given


@pytest.mark.parametrize("process", PROCESSES)
def test_compose_gives_each_process_its_settings_and_no_others(process: str) -> None:
    given = environment(process)
    load(SETTINGS[process], {**image_environment(), **given})
    assert set(given) - known_settings(process) == set()


@pytest.mark.parametrize("process", PROCESSES)
def test_processes_find_each_other(process: str) -> None:
    for name, address in environment(process).items():
        if name.endswith("_URL") and address.startswith("svc-"):
            assert name == f"{address[4:].partition(':')[0].upper()}_URL"
            host, _, port = address.partition(":")
            assert port == environment(host.replace("-", "_"))["GRPC_PORT"]


@pytest.mark.parametrize("process", SERVICES)
def test_each_service_has_a_database_of_its_own(process: str) -> None:
    path = urlsplit(environment(process)["MONGODB_URL"]).path
    assert path == f"/{process.removeprefix('svc_')}"


def test_svc_auth_knows_every_process_by_its_secret() -> None:
    clients = json.loads(environment("svc_auth")["SERVICE_CLIENTS"])
    assert clients == {name: environment(name)["CLIENT_SECRET"] for name in PROCESSES}
    assert set(clients) == set(CLIENTS)


def test_every_secret_can_be_set_from_outside() -> None:
    fixed = {
        (name, variable)
        for name, each in compose_as_written()["services"].items()
        for variable, value in each.get("environment", {}).items()
        if re.search(r"SECRET|PASSWORD|ACCESS_KEY|CLIENTS", variable) and "${" not in value
    }
    assert fixed == set()


def test_all_processes_are_one_image() -> None:
    services = compose()["services"]
    ours = [each for each in services.values() if "build" in each]
    assert len({each["image"] for each in ours}) == 1
    assert {*map(dashed, PROCESSES), "stripe"} <= {n for n in services if services[n] in ours}
    for process in PROCESSES:
        assert service(process)["command"] == ["python", "-m", process]


@pytest.mark.parametrize("process", PROCESSES)
def test_compose_probes_readiness(process: str) -> None:
    given = environment(process)
    port = given["PORT" if process == "gateway" else "OPS_PORT"]
    assert f"http://127.0.0.1:{port}/api/ready" in service(process)["healthcheck"]["test"][-1]


def test_the_gateway_is_where_browsers_find_it() -> None:
    [published] = service("gateway")["ports"]
    given = environment("gateway")
    address, outer, inner = published.split(":")
    assert inner == given["PORT"]
    assert urlsplit(given["PUBLIC_URL"]).port == int(outer)
    assert address == "127.0.0.1"


@pytest.mark.parametrize("process", PROCESSES)
def test_processes_start_after_what_they_need(process: str) -> None:
    services = compose()["services"]
    needed = service(process)["depends_on"]
    assert {each["condition"] for each in needed.values()} == {"service_healthy"}
    assert all("healthcheck" in services[name] for name in needed)
    servers = {"MONGODB_URL": "mongo", "KAFKA_URL": "kafka", "REDIS_URL": "redis"}
    servers |= {"S3_URL": "minio", "STRIPE_URL": "stripe", "AUTH_URL": "svc-auth"}
    wanted = {servers[name] for name in environment(process) if name in servers}
    assert wanted - {dashed(process)} <= set(needed)


@pytest.mark.parametrize("process", PROCESSES)
def test_processes_have_the_time_to_drain(process: str) -> None:
    grace = timedelta(seconds=int(service(process)["stop_grace_period"].removesuffix("s")))
    assert grace >= ProcessSettings.drain + timedelta(seconds=10)


def test_the_emulator_understands_its_arguments() -> None:
    stripe, payments = service("stripe"), environment("svc_payments")
    assert stripe["command"][:3] == ["python", "-m", "devstack.stripe_emulator"]
    options = read_arguments(stripe["command"][3:])
    address = urlsplit(payments["STRIPE_URL"])
    assert options.port == address.port
    assert address.hostname in stripe["networks"]["default"]["aliases"]
    emulator = stripe["environment"]
    assert emulator["STRIPE_WEBHOOK_SECRET"] == payments["STRIPE_WEBHOOK_SECRET"]
    assert urlsplit(options.webhook_url).port == int(environment("gateway")["PORT"])


def test_prometheus_scrapes_every_process() -> None:
    config = yaml.safe_load(compose()["configs"]["prometheus"]["content"])
    [job] = config["scrape_configs"]
    [found] = job["dns_sd_configs"]
    assert set(found["names"]) == {*map(dashed, PROCESSES)}
    assert {environment(process)["OPS_PORT"] for process in PROCESSES} == {str(found["port"])}


def test_prometheus_and_grafana_are_given_files_that_are_there() -> None:
    services = compose()["services"]
    for name in ("prometheus", "grafana"):
        folders = [each.split(":") for each in services[name]["volumes"] if each.startswith("./")]
        assert folders
        assert all((ROOT / folder).is_dir() for folder, _, _ in folders)
        for mounted in services[name]["configs"]:
            assert yaml.safe_load(compose()["configs"][mounted["source"]]["content"])
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    [[folder, mount, _]] = folders
    assert (ROOT / folder / home.removeprefix(f"{mount}/")).is_file()


def test_the_demo_calls_what_is_there() -> None:
    script = ast.parse(service("demo")["command"][-1])
    imports = [node for node in ast.walk(script) if isinstance(node, ast.ImportFrom)]
    assert imports
    for node in imports:
        module = importlib.import_module(node.module or "")
        assert all(hasattr(module, alias.name) for alias in node.names)


def test_the_image_runs_as_nobody_and_listens_to_others() -> None:
    shop = stages()["shop"]
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", shop, re.MULTILINE)
    assert not re.search(r"\b(apt-get|apk|gcc|pip|uv)\b", shop)
    assert image_environment()["HOST"] == "0.0.0.0"


def test_only_the_image_for_development_has_the_devstack() -> None:
    assert stages()[""].strip() == "shop"
    assert [name for name, stage in stages().items() if "devstack" in stage] == ["dev"]
    assert stages()["dev"].startswith("shop AS dev")
    assert compose()["x-shop"]["build"]["target"] == "dev"


def test_the_image_is_made_of_locked_wheels() -> None:
    installs = re.findall(r"install [^\n]*-r \S+", _joined("Dockerfile"))
    assert len(installs) == 2
    assert all("--require-hashes" in each and "--only-binary=:all:" in each for each in installs)
    wanted = set((ROOT / "requirements/build.in").read_text().split())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert wanted == set(project["build-system"]["requires"])
    assert {each.partition("==")[0] for each in locked("build")} >= wanted


@pytest.mark.parametrize("name", ["run", "build", "up"])
def test_all_is_tested_with_the_versions_that_run(name: str) -> None:
    assert set() < locked(name) <= locked("dev")


def locked(name: str) -> set[str]:
    return set(LOCKED.findall((ROOT / f"requirements/{name}.txt").read_text()))


def test_docker_sees_what_its_stages_are_made_of_and_no_more() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    others = {"README.md", "pyproject.toml", "proto", "requirements/*.txt", "devstack"}
    assert rules[0] == "*"
    assert {rule[1:] for rule in rules if rule.startswith("!")} == packages | others


def _joined(name: str) -> str:
    """A file with its continued lines joined."""
    return re.sub(r"\\\n\s*", "", (ROOT / name).read_text())

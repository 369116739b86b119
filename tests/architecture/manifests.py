"""What compose.yaml and kustomize/ say, as the deployment tests read it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

import gateway.settings
import svc_auth.settings
import svc_cart.settings
import svc_catalog.settings
import svc_notify.settings
import svc_orders.settings
import svc_payments.settings
import ui.settings
from tests.architecture.source_tree import ROOT, SERVICES

Json = dict[str, Any]

KUSTOMIZE = ROOT / "kustomize"
IMAGE = "shop"
# The process is a Python package; its container, Deployment and Service are named with a dash.
PROCESSES = (*SERVICES, "gateway")
SETTINGS: Mapping[str, type[Any]] = {
    "gateway": gateway.settings.Settings,
    "svc_auth": svc_auth.settings.Settings,
    "svc_cart": svc_cart.settings.Settings,
    "svc_catalog": svc_catalog.settings.Settings,
    "svc_notify": svc_notify.settings.Settings,
    "svc_orders": svc_orders.settings.Settings,
    "svc_payments": svc_payments.settings.Settings,
    "ui": ui.settings.Settings,
}

_VARIABLE = re.compile(r"\$\{(\w+)(?::?-([^}]*))?\}")


def dashed(process: str) -> str:
    """The name of a process where underscores are not allowed."""
    return process.replace("_", "-")


def known_settings(process: str) -> set[str]:
    """The variables that a process reads."""
    return {field.name.upper() for field in fields(SETTINGS[process])}


def needed_settings(process: str) -> set[str]:
    """The variables that a process does not start without."""
    return {
        field.name.upper()
        for field in fields(SETTINGS[process])
        if field.default is MISSING and field.default_factory is MISSING
    }


def stages() -> dict[str, str]:
    """The stages of the Dockerfile by name; the last one, which is built by default, by ``."""
    found = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)[1:]
    return {stage.partition("\n")[0].partition(" AS ")[2]: stage for stage in found}


@cache
def image_environment() -> Mapping[str, str]:
    """The variables that the image itself sets."""
    joined = stages()["shop"].replace("\\\n", " ")
    lines = re.findall(r"^ENV (.*)$", joined, re.MULTILINE)
    return dict(pair.split("=", 1) for line in lines for pair in line.split())


def compose_as_written() -> Json:
    """compose.yaml with its variables in it."""
    written: Json = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return written


def compose() -> Json:
    """compose.yaml as it is where no variable is set."""
    text = json.dumps(compose_as_written())
    filled: Json = json.loads(_VARIABLE.sub(lambda match: match[2] or "", text))
    return filled


def documents(text: str) -> list[Json]:
    """The resources of a YAML text."""
    return [document for document in yaml.safe_load_all(text) if document]


def resources(folder: Path) -> list[Json]:
    """The resources in the files that a kustomization lists, as they are written."""
    files = [folder / name for name in kustomization(folder).get("resources", ())]
    return [found for file in files if file.is_file() for found in documents(file.read_text())]


def kustomization(folder: Path) -> Json:
    """The kustomization of a folder."""
    parsed: Json = yaml.safe_load((folder / "kustomization.yaml").read_text())
    return parsed


def kustomizations() -> list[Path]:
    """Every folder that has one."""
    return sorted(file.parent for file in KUSTOMIZE.rglob("kustomization.yaml"))


def named(found: list[Json], kind: str, name: str) -> Json:
    """The one resource of that kind and name."""
    [one] = [each for each in found if each["kind"] == kind and each["metadata"]["name"] == name]
    return one


def pods(found: list[Json]) -> Iterator[tuple[str, Json]]:
    """Name and pod spec of every workload."""
    for each in found:
        if each["kind"] in {"Deployment", "StatefulSet"}:
            yield each["metadata"]["name"], each["spec"]["template"]["spec"]


def process_container(pod: Json) -> Json:
    """The one container of a process's pod."""
    [container] = pod["containers"]
    return dict(container)


def variables(container: Json) -> dict[str, Json]:
    """The variables of a container by name, each as it is written."""
    return {each["name"]: each for each in container.get("env", ())}


# Of the wheel in this environment.
KUBECTL = str(Path(sys.executable).with_name("kubectl"))


@cache
def rendered(folder: Path) -> list[Json]:
    """What a kustomization comes to."""
    command = [KUBECTL, "kustomize", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return documents(done.stdout)

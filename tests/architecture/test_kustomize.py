"""The files of kustomize/ fit the processes and each other, as written and as rendered."""

import base64
import dataclasses
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.settings.environment import ProcessSettings, load
from tests.architecture.manifests import (
    IMAGE,
    KUSTOMIZE,
    PROCESSES,
    SETTINGS,
    dashed,
    documents,
    image_environment,
    known_settings,
    kustomization,
    kustomizations,
    named,
    needed_settings,
    pods,
    process_container,
    rendered,
    resources,
    variables,
)
from tests.architecture.source_tree import SERVICES

Json = dict[str, Any]

BASE = KUSTOMIZE / "base"
DEV, PRODUCTION = KUSTOMIZE / "overlays/dev", KUSTOMIZE / "overlays/production"
CLOSING_SECONDS = 10
# Kept in a Secret beside what is one.
NO_SECRETS = {"BOOTSTRAP_ADMIN_EMAIL", "S3_ACCESS_KEY", "STRIPE_PUBLISHABLE_KEY"}
# Components that neither overlay takes.
ALTERNATIVES = ("autoscaling", "monitoring", "ui-apart")


def shared_patches(process: str) -> list[Json]:
    """The containers that the base's patches lay over that of a process."""
    names = ["process.yaml"] if process == "gateway" else ["process.yaml", "service.yaml"]
    return [_pod_of(BASE / "patches" / name)["containers"][0] for name in names]


def own_container(process: str) -> Json:
    return process_container(dict(pods(resources(BASE)))[dashed(process)])


def layers(process: str) -> list[Json]:
    """A process's own container, and what is laid over it."""
    return [own_container(process), *shared_patches(process)]


def environment(process: str) -> dict[str, Json]:
    return {name: each for layer in layers(process) for name, each in variables(layer).items()}


@pytest.mark.parametrize("folder", kustomizations(), ids=lambda folder: folder.name)
def test_a_kustomization_lists_the_files_that_are_there(folder: Path) -> None:
    listed = {(folder / name).resolve() for name in _listed(kustomization(folder))}
    missing = {path for path in listed if not path.exists()}
    assert missing == set()
    there = {path for path in folder.rglob("*") if path.is_file() and path.suffix != ".md"}
    assert there - listed == {folder / "kustomization.yaml"}
    assert (folder / "README.md").exists()


@pytest.mark.parametrize("process", PROCESSES)
def test_the_base_gives_each_process_its_settings_and_no_others(process: str) -> None:
    given = set(environment(process))
    assert needed_settings(process) - given == set()
    assert given - known_settings(process) == set()


@pytest.mark.parametrize("process", PROCESSES)
def test_what_is_given_by_a_secret_shows_in_no_log(process: str) -> None:
    secret = {
        name
        for name, value in environment(process).items()
        if "secretKeyRef" in value.get("valueFrom", {})
    }
    shown = {field.name.upper() for field in dataclasses.fields(SETTINGS[process]) if field.repr}
    assert "CLIENT_SECRET" in secret
    assert secret & shown <= NO_SECRETS


@pytest.mark.parametrize("process", PROCESSES)
def test_the_patches_reach_each_process(process: str) -> None:
    deployment = named(resources(BASE), "Deployment", dashed(process))
    labels = deployment["metadata"]["labels"]
    assert labels == deployment["spec"]["template"]["metadata"]["labels"]
    selectors = [
        patch["target"]["labelSelector"].split("=")
        for patch in kustomization(BASE)["patches"]
        if "path" in patch
    ]
    reached = [labels.get(key) == value for key, value in selectors]
    assert reached == [True, process in SERVICES]


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_is_started_from_the_one_image(process: str) -> None:
    container = own_container(process)
    assert container["image"] == IMAGE
    assert container["command"] == ["python", "-m", process]


@pytest.mark.parametrize("process", PROCESSES)
def test_ports_and_probes_are_those_of_the_settings(process: str) -> None:
    [ports] = [layer["ports"] for layer in layers(process) if "ports" in layer]
    numbers = {each["name"]: str(each["containerPort"]) for each in ports}
    given = {name: each.get("value") for name, each in environment(process).items()}
    port = "http" if process == "gateway" else "ops"
    door = {"http": "PORT"} if process == "gateway" else {"grpc": "GRPC_PORT"}
    wanted = {**door, "ops": "OPS_PORT"}
    assert numbers == {name: given[setting] for name, setting in wanted.items()}
    [probed] = [layer for layer in layers(process) if "livenessProbe" in layer]
    for probe, path in (
        ("startupProbe", "/api/health"),
        ("livenessProbe", "/api/health"),
        ("readinessProbe", "/api/ready"),
    ):
        assert probed[probe]["httpGet"] == {"path": path, "port": port}


@pytest.mark.parametrize("process", SERVICES)
def test_the_name_of_a_service_stands_for_all_of_its_pods(process: str) -> None:
    service = named(resources(BASE), "Service", dashed(process))
    assert service["spec"]["clusterIP"] == "None"
    [port] = service["spec"]["ports"]
    assert port["targetPort"] == "grpc"
    for name in PROCESSES:
        address = environment(name).get(f"{process[4:].upper()}_URL", {}).get("value")
        assert address in {None, f"dns:///{dashed(process)}:{port['port']}"}


def test_processes_have_the_time_to_drain() -> None:
    pod = _pod_of(BASE / "patches/process.yaml")
    pause = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    drain = ProcessSettings.drain.total_seconds()
    assert pod["terminationGracePeriodSeconds"] >= pause + drain + CLOSING_SECONDS


def test_network_policies_are_who_calls_whom() -> None:
    policies = resources(KUSTOMIZE / "components/network-policies")
    for process in SERVICES:
        policy = named(policies, "NetworkPolicy", dashed(process))
        [rule] = policy["spec"]["ingress"]
        [allowed] = rule["from"][0]["podSelector"]["matchExpressions"]
        setting = f"{process[4:].upper()}_URL"
        callers = {
            dashed(name) for name in PROCESSES if name != process and setting in environment(name)
        }
        assert set(allowed["values"]) == callers


# The port behind each setting that names a server.
PORTS = {
    "MONGODB_URL": 27017,
    "KAFKA_URL": 9092,
    "REDIS_URL": 6379,
    "S3_URL": 443,
    "STRIPE_URL": 443,
    "OTEL_EXPORTER_OTLP_ENDPOINT": 4318,
}


@pytest.mark.parametrize("process", PROCESSES)
def test_network_policies_are_what_a_process_needs(process: str) -> None:
    """It reaches DNS, the services and its servers, by its labels and at their ports."""
    [pod] = [
        each
        for each in resources(BASE)
        if each["kind"] == "Deployment" and each["metadata"]["name"] == dashed(process)
    ]
    policies = resources(KUSTOMIZE / "components/network-policies")
    mine = [
        each["spec"]
        for each in policies
        if _selects(each["spec"]["podSelector"], pod["spec"]["template"]["metadata"]["labels"])
    ]
    assert any({"Ingress", "Egress"} == set(policy["policyTypes"]) for policy in mine)
    rules = [rule for policy in mine for rule in policy.get("egress", ())]
    reached = {port["port"] for rule in rules for port in rule["ports"]}
    known = known_settings(process)
    own = {port for name, port in PORTS.items() if name in known}
    assert reached - {9000} == {53, "grpc"} | own
    to_the_world = [
        rule
        for rule in rules
        if any(to.get("ipBlock", {}).get("cidr") == "0.0.0.0/0" for to in rule.get("to", ()))
    ]
    assert bool(to_the_world) == ("STRIPE_URL" in known)


def _selects(selector: Json, labels: Json) -> bool:
    """Whether a policy is about pods with these labels."""
    return all(
        labels.get(name) == value for name, value in selector.get("matchLabels", {}).items()
    ) and all(
        labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ())
    )


def test_the_dev_overlay_has_every_value_that_processes_read() -> None:
    found = rendered(DEV)
    for process in PROCESSES:
        pod = dict(pods(found))[dashed(process)]
        values = {
            name: _value(each, found) for name, each in variables(process_container(pod)).items()
        }
        load(SETTINGS[process], {**image_environment(), **values})


def test_production_says_which_secrets_it_needs() -> None:
    found, readme = rendered(PRODUCTION), (PRODUCTION / "README.md").read_text()
    assert [each for each in found if each["kind"] == "Secret"] == []
    for process in PROCESSES:
        pod = dict(pods(found))[dashed(process)]
        for name, each in variables(process_container(pod)).items():
            if reference := each.get("valueFrom", {}).get("secretKeyRef"):
                row = f"`{reference['name']}`.*`{reference['key']}`"
                assert re.search(row, readme), row
            else:
                assert _value(each, found) is not None, name


@pytest.mark.parametrize("overlay", [DEV, PRODUCTION, *ALTERNATIVES], ids=str)
def test_every_pod_of_the_shop_is_confined_and_probed(overlay: Path | str, tmp_path: Path) -> None:
    folder = overlay if isinstance(overlay, Path) else _alternative(overlay, tmp_path)
    found = rendered(folder)
    ours = {name: pod for name, pod in pods(found) if "command" in process_container(pod)}
    assert {*map(dashed, PROCESSES)} <= set(ours)
    assert len({pod["containers"][0]["image"] for pod in ours.values()}) == 1
    for name, pod in pods(found):
        container = process_container(pod)
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not pod["enableServiceLinks"], name
        assert container["securityContext"]["allowPrivilegeEscalation"] is False, name
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name
        assert {"readinessProbe", "resources"} <= set(container), name
        assert name not in ours or container["securityContext"]["readOnlyRootFilesystem"], name


def test_pages_apart_have_their_settings_and_the_gateway_lets_go_of_them(tmp_path: Path) -> None:
    found = rendered(_alternative("ui-apart", tmp_path))
    containers = {name: process_container(pod) for name, pod in pods(found)}
    given = set(variables(containers["ui"]))
    assert needed_settings("ui") <= given <= known_settings("ui")
    assert "MOUNT" not in variables(containers["gateway"])
    [rule] = named(found, "Ingress", "shop")["spec"]["rules"]
    doors = {path["path"]: path["backend"]["service"]["name"] for path in rule["http"]["paths"]}
    assert doors["/"] == "ui"
    assert doors["/api"] == doors["/ws"] == doors["/media"] == "gateway"


def test_a_cluster_is_given_the_rules_and_dashboards(tmp_path: Path) -> None:
    maps = {
        each["metadata"]["name"].rpartition("-")[0]: each["data"]
        for each in rendered(_alternative("monitoring", tmp_path))
        if each["kind"] == "ConfigMap"
    }
    for name, folder in (("prometheus-rules", "rules"), ("grafana-dashboards", "dashboards")):
        files = (KUSTOMIZE / "components/monitoring" / folder).iterdir()
        assert maps[name] == {file.name: file.read_text() for file in files}


def test_prometheus_reaches_where_metrics_are_shown() -> None:
    policies = resources(KUSTOMIZE / "components/network-policies")
    spec = named(policies, "NetworkPolicy", "metrics")["spec"]
    for process in PROCESSES:
        deployment = named(resources(BASE), "Deployment", dashed(process))
        assert _selects(spec["podSelector"], deployment["spec"]["template"]["metadata"]["labels"])
    [rule] = spec["ingress"]
    assert rule["ports"] == [{"port": "ops"}]


def _alternative(component: str, scratch: Path) -> Path:
    """A copy of production that takes a component more; that of fixed numbers gives way."""
    shutil.copytree(KUSTOMIZE, scratch / "kustomize")
    folder = scratch / "kustomize/overlays/production"
    written = kustomization(folder)
    kept = [name for name in written["components"] if not name.endswith("replicas-ha")]
    written["components"] = [*kept, f"../../components/{component}"]
    (folder / "kustomization.yaml").write_text(yaml.safe_dump(written))
    return folder


def _listed(written: Json) -> list[str]:
    """Every file and folder that a kustomization names."""
    generators = [*written.get("configMapGenerator", ()), *written.get("secretGenerator", ())]
    return [
        *written.get("resources", ()),
        *written.get("components", ()),
        *(patch["path"] for patch in written.get("patches", ()) if "path" in patch),
        *(name for each in generators for name in each.get("envs", ())),
        *(name.rpartition("=")[2] for each in generators for name in each.get("files", ())),
    ]


def _pod_of(file: Path) -> Json:
    [patch] = documents(file.read_text())
    pod: Json = patch["spec"]["template"]["spec"]
    return pod


def _value(variable: Json, found: list[Json]) -> str:
    """What a variable comes to in a rendered overlay."""
    if "value" in variable:
        return str(variable["value"])
    [(kind, reference)] = variable["valueFrom"].items()
    if kind == "configMapKeyRef":
        return str(named(found, "ConfigMap", reference["name"])["data"][reference["key"]])
    secret = named(found, "Secret", reference["name"])["data"][reference["key"]]
    return base64.b64decode(secret).decode()

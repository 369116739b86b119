"""The rules for Prometheus, by its own promtool: each alert fires where it must, and only there."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.source_tree import ROOT

HERE = Path(__file__).parent
RULES = sorted((ROOT / "kustomize/components/monitoring/rules").glob("*.yaml"))
CASES = sorted(HERE.glob("*.yaml"))

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None,
    reason="there is no promtool on this machine; Debian's package prometheus has it",
)


def promtool(*arguments: str | Path) -> None:
    """Run it; what it finds fault with fails the test."""
    done = subprocess.run(
        ["promtool", *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_the_rules_are_valid() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", *RULES)


@needs_promtool
def test_the_configuration_for_compose_is_valid(tmp_path: Path) -> None:
    file = tmp_path / "prometheus.yaml"
    file.write_text(_read(ROOT / "compose.yaml")["configs"]["prometheus"]["content"])
    promtool("check", "config", "--syntax-only", file)


@needs_promtool
@pytest.mark.parametrize("cases", CASES, ids=lambda path: path.stem)
def test_the_rules_do_as_the_cases_say(cases: Path) -> None:
    promtool("test", "rules", cases)


def test_each_alert_has_a_case_where_it_fires_and_one_where_it_does_not() -> None:
    groups = [group for file in RULES for group in _read(file)["groups"]]
    alerts = {rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule}
    expected = [
        (each["alertname"], bool(each["exp_alerts"]))
        for file in CASES
        for case in _read(file)["tests"]
        for each in case.get("alert_rule_test", ())
    ]
    assert set(expected) == {(alert, fires) for alert in alerts for fires in (True, False)}


def _read(file: Path) -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(file.read_text())
    return parsed

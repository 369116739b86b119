"""Dashboards are of Grafana's form, and every alert has a runbook."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.source_tree import ROOT

Json = dict[str, Any]

MONITORING = ROOT / "kustomize/components/monitoring"
DASHBOARDS = sorted((MONITORING / "dashboards").glob("*.json"))
OPERATIONS = (ROOT / "docs/operations.md").read_text()
SEVERITIES = {"page", "ticket"}
# Of Grafana 12 and 13; what reads it migrates older ones, with surprises.
SCHEMA_VERSION = 42
COLUMNS = 24
PROMETHEUS = {"type": "prometheus", "uid": "${datasource}"}


def rules() -> list[Json]:
    files = [yaml.safe_load(file.read_text()) for file in (MONITORING / "rules").glob("*.yaml")]
    return [rule for file in files for group in file["groups"] for rule in group["rules"]]


def alerts() -> list[Json]:
    return [rule for rule in rules() if "alert" in rule]


def sections() -> dict[str, str]:
    """The text below each heading of the handbook, by the anchor that it is linked with."""
    pieces = re.split(r"^#{2,3} (.*)$", OPERATIONS, flags=re.MULTILINE)[1:]
    return {
        re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-"): text
        for heading, text in zip(pieces[::2], pieces[1::2], strict=True)
    }


@pytest.mark.parametrize("name", sorted({alert["alert"] for alert in alerts()}))
def test_an_alert_says_what_it_is_and_where_its_runbook_is(name: str) -> None:
    for alert in alerts():
        if alert["alert"] == name:
            assert alert["labels"]["severity"] in SEVERITIES
            assert alert["annotations"]["summary"]
            document, _, anchor = alert["annotations"]["runbook_url"].partition("#")
            assert document == "docs/operations.md"
            assert anchor == name.lower()
            assert re.findall(r"^\*\*(.*):\*\*", sections()[anchor], re.MULTILINE) == [
                "Means",
                "Look at",
                "Do",
            ]


def test_each_runbook_is_of_an_alert() -> None:
    written = {anchor for anchor, text in sections().items() if "**Means:**" in text}
    assert written == {alert["alert"].lower() for alert in alerts()}


def test_the_service_levels_are_those_that_are_written_down() -> None:
    row = re.compile(r"^\| `([a-z-]+)` .* \| ([\d.]+) % \|$", re.MULTILINE)
    table = row.findall(sections()["service-levels"])
    budgets = {
        rule["labels"]["slo"]: float(re.sub(r"vector\((.*)\)", r"\1", rule["expr"]))
        for rule in rules()
        if rule.get("record") == "slo:error_budget:ratio"
    }
    assert {name: round(1 - float(objective) / 100, 6) for name, objective in table} == budgets


def test_links_within_the_handbook_lead_somewhere() -> None:
    assert set(re.findall(r"\]\(#([^)]*)\)", OPERATIONS)) - set(sections()) == set()


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_a_dashboard_is_of_the_form_that_grafana_reads(file: Path) -> None:
    dashboard = json.loads(file.read_text())
    assert dashboard["uid"] == f"shop-{file.stem}"
    assert dashboard["title"]
    assert dashboard["schemaVersion"] == SCHEMA_VERSION
    variables = dashboard["templating"]["list"]
    assert (variables[0]["type"], variables[0]["query"]) == ("datasource", "prometheus")
    assert {each["name"] for each in variables} == {"datasource", *_used(dashboard)}
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] >= 0
        assert place["x"] + place["w"] <= COLUMNS
        assert panel["title"]
        if panel["type"] != "row":
            assert panel["description"].endswith(".")
            assert panel["datasource"] == PROMETHEUS
            assert panel["fieldConfig"]["defaults"]["unit"]
            references = [target["refId"] for target in panel["targets"]]
            assert 0 < len(references) == len(set(references))
            assert all(target["expr"] for target in panel["targets"])


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_no_panel_covers_another(file: Path) -> None:
    panels = json.loads(file.read_text())["panels"]
    covering = [
        (one["title"], other["title"])
        for one, other in combinations(panels, 2)
        if _overlap(one["gridPos"], other["gridPos"])
    ]
    assert covering == []


def _used(dashboard: Json) -> set[str]:
    """The variables that queries name, but for those that Grafana has by itself."""
    queries = [
        target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())
    ]
    names = {name for query in queries for name in re.findall(r"\$(\w+)", query)}
    return {name for name in names if not name.startswith("__")}


def _overlap(one: Json, other: Json) -> bool:
    return all(
        one[start] < other[start] + other[size] and other[start] < one[start] + one[size]
        for start, size in (("x", "w"), ("y", "h"))
    )

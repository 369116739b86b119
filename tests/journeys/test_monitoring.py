"""A real Prometheus looks at the shop, and all that dashboards and alerts ask it has an answer."""

import json
import math
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import yaml

from tests.architecture.source_tree import ROOT
from tests.support.people import Admin, Shop, Shopper, eventually, ok
from tests.support.running import free_port

MONITORING = ROOT / "kustomize/components/monitoring"
DASHBOARDS = sorted((MONITORING / "dashboards").glob("*.json"))
RULES = sorted((MONITORING / "rules").glob("*.yaml"))
# What Grafana puts into queries; the service is one that does all that services do.
VARIABLES = {"__rate_interval": "1m", "__range": "1h", "job": "svc-orders"}
# Words of the query language, and series of Prometheus' own.
WORDS = {"ALERTS", "and", "bool", "on", "or", "unless", "up"}
PATIENCE_SECONDS = 120.0

pytestmark = pytest.mark.skipif(
    shutil.which("prometheus") is None,
    reason="there is no Prometheus on this machine; Debian's package prometheus has it",
)


@dataclass(frozen=True)
class Prometheus:
    """One that is running."""

    url: str

    def ask(self, query: str) -> list[float]:
        """The values of all series that a query finds, but for those that are no number."""
        answer = httpx.get(f"{self.url}/api/v1/query", params={"query": query}, timeout=30)
        found = ok(answer)["data"]["result"]
        values = [float(each["value"][1]) for each in found]
        return [value for value in values if not math.isnan(value)]

    def wait_for_scrape(self) -> None:
        """Wait until every process has answered a scrape once more."""
        now = time.time()
        eventually(lambda: self.ask("min(up) * min(timestamp(up))") > [now])

    def is_ready(self) -> bool:
        """Whether it answers queries."""
        try:
            return httpx.get(f"{self.url}/-/ready").status_code == httpx.codes.OK
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def prometheus(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus with the shop's rules, which scrapes all of its processes."""
    folder = tmp_path_factory.mktemp("prometheus")
    port = free_port()
    (folder / "prometheus.yaml").write_text(json.dumps(config_for(shop)))
    options = {
        "config.file": folder / "prometheus.yaml",
        "storage.tsdb.path": folder / "data",
        "web.listen-address": f"127.0.0.1:{port}",
    }
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            ["prometheus", *(f"--{name}={value}" for name, value in options.items())],
            stdout=log,
            stderr=log,
        )
        try:
            running = Prometheus(f"http://127.0.0.1:{port}")
            eventually(running.is_ready)
            yield running
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def config_for(shop: Shop) -> dict[str, Any]:
    """As compose.yaml has it, for a shop on this machine, and with less patience."""
    targets = [
        {
            "targets": [urlsplit(process["ops"]).netloc],
            "labels": {"job": name.partition("-")[0].replace("_", "-")},
        }
        for name, process in shop.ready["processes"].items()
    ]
    return {
        "global": {"scrape_interval": "2s", "evaluation_interval": "1s"},
        "rule_files": [str(file) for file in RULES],
        "scrape_configs": [{"job_name": "shop", "static_configs": targets}],
    }


@pytest.fixture(scope="module")
def expressions() -> dict[str, str]:
    """Where each query is -> the query, as it is asked."""
    found = {}
    for file in DASHBOARDS:
        for panel in json.loads(file.read_text())["panels"]:
            for target in panel.get("targets", ()):
                name = f"{file.stem}: {panel['title']}, {target['refId']}"
                found[name] = re.sub(r"\$(\w+)", lambda name: VARIABLES[name[1]], target["expr"])
    for file in RULES:
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    name = f"{rule['alert']}, {rule['labels']['severity']}"
                    parts = enumerate(operands(rule["expr"]))
                    found |= {f"{name}, {number}": part for number, part in parts}
                else:
                    found[f"{rule['record']}, {rule.get('labels')}"] = rule["expr"]
    return found


def operands(expression: str) -> list[str]:
    """What an alert compares, each without its comparison; another expression as it is.

    >>> operands("(up == 0 and a > 1) or rate(b[5m]) < 2")
    ['up == bool 0', 'a > bool 1', 'rate(b[5m]) < bool 2']
    """
    parts, depth, start = [], 0, 0
    for token in re.finditer(r"[({]|[)}]| (?:and|or) ", expression):
        if token[0] in "({":
            depth += 1
        elif token[0] in ")}":
            depth -= 1
        elif depth == 0:
            parts.append(expression[start : token.start()])
            start = token.end()
    parts.append(expression[start:])
    if len(parts) > 1:
        return [each for part in parts for each in operands(part)]
    if re.fullmatch(r"\([^()]*\)", expression):
        return operands(expression[1:-1])
    return [re.sub(r" (==|>|<) ", r" \1 bool ", expression)]


def metrics_of(expression: str) -> set[str]:
    """The metrics that an expression names, as their families are called."""
    bare = re.sub(r"\{.*?\}|\[.*?\]|\b(by|on) \(.*?\)", "", expression)
    names = re.findall(r"(?<![\w:])[a-zA-Z_][\w:]*\b(?! *\()", bare)
    # Those with a colon are recorded by a rule.
    metrics = {name for name in names if ":" not in name} - WORDS
    return {re.sub(r"_(bucket|count)$", "", name) for name in metrics}


def test_every_query_names_metrics_that_the_shop_shows(
    shop: Shop, expressions: dict[str, str]
) -> None:
    pages = [
        httpx.get(f"{process['ops']}/metrics", timeout=30).text
        for process in shop.ready["processes"].values()
    ]
    shown = {name for page in pages for name in re.findall(r"^# TYPE (\w+) ", page, re.MULTILINE)}
    unknown = {
        where: sorted(metrics_of(query) - shown)
        for where, query in expressions.items()
        if metrics_of(query) - shown
    }
    assert unknown == {}


def test_every_query_of_dashboards_and_alerts_has_an_answer(
    prometheus: Prometheus, expressions: dict[str, str], admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=1000)
    unanswered = dict(expressions)

    def buy_and_ask() -> list[str]:
        # Again and again: a rate is the growth of what was there, and no number where nothing is.
        shopper.put_in_cart(thing["id"])
        order = shopper.check_out()
        ok(shopper.pay(order), 201)
        shopper.order_when(order["id"], "completed")
        prometheus.wait_for_scrape()
        for where, query in tuple(unanswered.items()):
            if prometheus.ask(query):
                del unanswered[where]
        return list(unanswered)

    eventually(buy_and_ask, lambda left: left == [], PATIENCE_SECONDS)

"""The table of metrics in docs/operations.md is what the code has."""

import importlib
import re
from collections.abc import Iterator

from prometheus_client import Counter, Gauge, Histogram

from chassis.mongo.statuses import StatusMetrics
from chassis.telemetry.metrics import Measured
from tests.architecture.source_tree import ROOT, SERVICES, files_of

ROW = re.compile(r"\| `([a-z_]+)(?:\{([a-z,_]+)\})?` \| (counter|gauge|histogram) \| (.*) \|")
DECLARES = re.compile(
    r"^[A-Z_]+ = (?:Counter|Gauge|Histogram|Measured|StatusMetrics)\(", re.MULTILINE
)

Row = tuple[str, str, str, str]


def test_the_table_is_what_the_code_has() -> None:
    text = (ROOT / "docs/operations.md").read_text()
    section = text.partition("## Metrics\n")[2].partition("\n## ")[0]
    table = [(row[1], row[2] or "", row[3], row[4]) for row in ROW.finditer(section)]
    assert sorted(table) == sorted(declared())


def declared() -> Iterator[Row]:
    """Name, labels, kind and description of each metric that a module declares."""
    for package in ("chassis", "gateway", "ui", *SERVICES):
        for file in files_of(package):
            if DECLARES.search(file.read_text()):
                path = file.relative_to(ROOT).with_suffix("")
                for value in vars(importlib.import_module(".".join(path.parts))).values():
                    yield from rows_of(value)


def rows_of(value: object) -> Iterator[Row]:
    """The rows of what a module calls by a name; none where that is no metric."""
    if isinstance(value, StatusMetrics):
        for gauge in value.gauges:
            yield from rows_of(gauge)
    elif isinstance(value, Measured):
        [family] = value.describe()
        yield family.name, ",".join(value.labels), family.type, family.documentation
    elif isinstance(value, Counter | Gauge | Histogram) and not value._labelvalues:
        [metric] = value.describe()
        name = f"{metric.name}_total" if metric.type == "counter" else metric.name
        yield name, ",".join(value._labelnames), metric.type, metric.documentation

"""What `docs/` promises, also of what goes on without a part, names tests that exist."""

import ast
import re

from tests.architecture.source_tree import ROOT, tree_of

PAGE = ROOT / "docs" / "guarantees.md"
OPERATIONS = ROOT / "docs" / "operations.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\|(?!---)(.*)\|$", re.MULTILINE)


def named(page: str) -> list[tuple[str, str]]:
    """File and name of each test on a page."""
    return NAMED.findall(page)


def hangs() -> list[str]:
    """The rows of the table of what goes on while a part hangs."""
    section = OPERATIONS.read_text().split("\n## While a part hangs\n")[1].split("\n## ")[0]
    return [row for row in ROW.findall(section) if "shown by" not in row]


def names_in(file: str) -> set[str]:
    path = ROOT / "tests" / file
    if not path.exists():
        return set()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree_of(path)) if isinstance(node, kinds)}


def test_every_test_that_a_promise_names_exists() -> None:
    found = named(PAGE.read_text())
    assert found
    assert [(file, name) for file, name in found if name not in names_in(file)] == []


def test_every_promise_names_a_test() -> None:
    rows = [row for row in ROW.findall(PAGE.read_text()) if "shown by" not in row]
    assert [row for row in rows if not NAMED.search(row)] == []


def test_every_part_that_may_hang_has_a_row_whose_tests_exist() -> None:
    services = {folder.name for folder in ROOT.glob("svc_*") if folder.is_dir()}
    servers = {"S3", "Stripe", "Redis", "Kafka", "MongoDB"}
    assert {row.split("|")[0].strip() for row in hangs()} == services | servers
    for row in hangs():
        assert named(row), row
        assert [(file, name) for file, name in named(row) if name not in names_in(file)] == []


def test_the_readme_leads_there() -> None:
    assert "(docs/guarantees.md)" in (ROOT / "README.md").read_text()

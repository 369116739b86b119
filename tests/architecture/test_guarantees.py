"""`docs/guarantees.md` names tests that exist."""

import ast
import re

from tests.architecture.source_tree import ROOT, tree_of

PAGE = ROOT / "docs" / "guarantees.md"
NAMED = re.compile(r"`([\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\|(?!---)(.*)\|$", re.MULTILINE)


def named() -> list[tuple[str, str]]:
    """File and name of each test on the page."""
    return NAMED.findall(PAGE.read_text())


def names_in(file: str) -> set[str]:
    path = ROOT / "tests" / file
    if not path.exists():
        return set()
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in ast.walk(tree_of(path)) if isinstance(node, kinds)}


def test_every_test_that_a_promise_names_exists() -> None:
    assert named()
    assert [(file, name) for file, name in named() if name not in names_in(file)] == []


def test_every_promise_names_a_test() -> None:
    rows = [row for row in ROW.findall(PAGE.read_text()) if "shown by" not in row]
    assert [row for row in rows if not NAMED.search(row)] == []


def test_the_readme_leads_there() -> None:
    assert "(docs/guarantees.md)" in (ROOT / "README.md").read_text()

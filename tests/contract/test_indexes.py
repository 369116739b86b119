"""Every query of the stores is served by an index that the same store declares.

A listener on the driver hears what the stores send while their contract tests run, which is before
this file in the alphabet. What it has heard is held against the indexes that were created, and
against the source: a query that was never heard would prove nothing.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.index_rules import Index, Keys, is_served, serves_a_branch, serving
from tests.architecture.source_tree import ROOT, SERVICES, files_of, relative, tree_of
from tests.contract.query_recorder import CREATE_INDEXES, QueryRecorder, Sent

# Where a query may stand: the stores, and what the chassis keeps for every service.
CHASSIS_STORES = (
    *("consumers/dead_letters", "mongo/leases", "outbox/publisher", "outbox/rejected_events"),
    *("mongo/audit_log", "mongo/replica", "mongo/statuses", "outbox/relay", "outbox/sweep"),
)
CHASSIS_TESTS = (
    *("audit_log", "dead_letter_stores", "leases", "rejected_events", "relay", "replica"),
    *("stuck_events", "sweep"),
)
QUERY_METHODS = {
    *("aggregate", "count_documents", "delete_many", "delete_one", "distinct", "find", "find_one"),
    *("find_one_and_delete", "find_one_and_replace", "find_one_and_update", "replace_one"),
    *("update_many", "update_one", "bulk_write"),
    # Of `chassis.outbox.versioned` and `chassis.mongo.replica`.
    *("save_next", "put_newer"),
}
CONTRACTS = ROOT / "tests" / "contract"


@dataclass(frozen=True)
class Query:
    """A query that was heard."""

    collection: tuple[str, str]
    origin: str
    query: Mapping[str, Any]
    sort: Keys
    is_pipeline_update: bool = False


@dataclass(frozen=True)
class Heard:
    """What the listener heard."""

    queries: Sequence[Query]
    indexes: Mapping[tuple[str, str], Sequence[Index]]
    exempt: frozenset[tuple[str, Index]]
    """Indexes (with their collections) that serve more than queries: uniqueness and expiry."""


@pytest.fixture(scope="module")
def heard(recorder: QueryRecorder, request: pytest.FixtureRequest) -> Heard:
    """What the stores have sent; skips where not all of their contract tests have run."""
    wanted = {CONTRACTS / "chassis" / f"test_{name}.py" for name in CHASSIS_TESTS}
    wanted |= {file for name in SERVICES for file in (CONTRACTS / name).rglob("test_*.py")}
    if missing := wanted - {item.path for item in request.session.items}:
        pytest.skip(f"needs all of tests/contract, and {relative(min(missing))} is not run")
    return understood(recorder.sent)


def test_every_query_is_served_by_an_index(heard: Heard) -> None:
    scanned = {
        (query.origin, query.collection[1], str(query.query), str(query.sort))
        for query in heard.queries
        if not is_served(query.query, query.sort, heard.indexes.get(query.collection, ()))
    }
    assert scanned == set()


def test_every_query_in_the_source_was_heard(heard: Heard) -> None:
    assert querying_functions() - {query.origin for query in heard.queries} == set()


def test_every_index_serves_a_query(heard: Heard) -> None:
    used: set[tuple[str, Index]] = set()
    declared: set[tuple[str, Index]] = set()
    # Tests make indexes too, of databases of their own that the product does not query.
    queried = {query.collection for query in heard.queries}
    for collection in queried:
        declared |= {(collection[1], index) for index in heard.indexes.get(collection, ())}
    for query in heard.queries:
        indexes = heard.indexes.get(query.collection, ())
        for index in indexes:
            if serving(query.query, query.sort, [index]) is index or serves_a_branch(
                query.query, query.sort, index
            ):
                used.add((query.collection[1], index))
    assert declared - used - heard.exempt == set()


def test_updates_are_no_pipelines(heard: Heard) -> None:
    assert {query.origin for query in heard.queries if query.is_pipeline_update} == set()


def querying_functions() -> set[str]:
    """Each `file::function` of the product in which a collection is queried."""
    stores = [file for name in SERVICES for file in files_of(name) if is_store(file)]
    chassis = [ROOT / "chassis" / f"{name}.py" for name in CHASSIS_STORES]
    return {f"{relative(file)}::{name}" for file in (*stores, *chassis) for name in _querying(file)}


def is_store(file: Path) -> bool:
    """Whether a file belongs to a service's store."""
    return file.relative_to(ROOT).parts[1].removesuffix(".py") == "store"


def _querying(file: Path) -> Iterator[str]:
    """The qualified names of a file's functions that call a method of a collection."""

    def search(node: ast.AST, name: str, inside: bool) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                is_function = not isinstance(child, ast.ClassDef)
                # A function within a function counts as the outer one.
                inner = name if inside else f"{name}.{child.name}".lstrip(".")
                yield from search(child, inner, inside or is_function)
            else:
                if _is_query(child):
                    yield name
                yield from search(child, name, inside)

    yield from search(tree_of(file), "", False)


def _is_query(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    target = node.func.value
    # A collection, an outbox or `versions` is an attribute or a name; what is called on the result
    # of a call is none.
    return node.func.attr in QUERY_METHODS and isinstance(
        target, ast.Attribute | ast.Name | ast.Subscript
    )


def understood(sent: Sequence[Sent]) -> Heard:
    """Queries and indexes from the driver's commands."""
    queries: list[Query] = []
    indexes: defaultdict[tuple[str, str], list[Index]] = defaultdict(list)
    exempt: set[tuple[str, Index]] = set()
    for each in sent:
        if CREATE_INDEXES in each.command:
            for made in each.command["indexes"]:
                index = Index(
                    tuple((field, int(way)) for field, way in made["key"].items()),
                    made.get("sparse", False),
                )
                indexes[each.collection].append(index)
                if made.get("unique") or "expireAfterSeconds" in made:
                    exempt.add((each.collection[1], index))
        else:
            queries += _queries(each.collection, each.origin, each.command)
    return Heard(queries, indexes, frozenset(exempt))


def _queries(
    collection: tuple[str, str], origin: str, command: Mapping[str, Any]
) -> Iterator[Query]:
    match next(iter(command)):
        case "find":
            yield Query(collection, origin, command.get("filter", {}), _keys(command.get("sort")))
        case "findAndModify":
            is_pipeline = isinstance(command.get("update"), list)
            query, sort = command.get("query", {}), _keys(command.get("sort"))
            yield Query(collection, origin, query, sort, is_pipeline)
        case "update":
            for each in command["updates"]:
                yield Query(collection, origin, each["q"], (), isinstance(each["u"], list))
        case "delete":
            for each in command["deletes"]:
                yield Query(collection, origin, each["q"], ())
        case "aggregate":
            stages = [*command["pipeline"], {}, {}]
            query = stages.pop(0)["$match"] if "$match" in stages[0] else {}
            yield Query(collection, origin, query, _keys(stages[0].get("$sort")))
        case _:
            yield Query(collection, origin, command.get("query", {}), ())


def _keys(sort: Mapping[str, int] | None) -> Keys:
    return tuple((field, int(direction)) for field, direction in (sort or {}).items())

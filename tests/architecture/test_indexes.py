"""Every query of the stores is served by an index that the same store declares.

The stores' contract tests are run on the real server once more, with a listener on the driver.
What it hears is held against the indexes that were created, and against the source: a query that
was never heard would prove nothing.
"""

import ast
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bson import json_util

from devstack.servers import Servers
from tests.architecture.index_rules import Index, Keys, is_served, serves_a_branch, serving
from tests.architecture.query_recorder import FILE_SETTING
from tests.architecture.source_tree import ROOT, SERVICES, files_of, relative, tree_of

# Where a query may stand: the stores, and what the chassis keeps for every service.
CHASSIS_STORES = (
    *("consumers/dead_letters", "mongo/leases", "outbox/publisher", "outbox/rejected_events"),
    *("outbox/relay", "outbox/sweep"),
)
CHASSIS_TESTS = ("dead_letter_stores", "leases", "rejected_events", "relay", "sweep")
QUERY_METHODS = {
    *("aggregate", "count_documents", "delete_many", "delete_one", "distinct", "find", "find_one"),
    *("find_one_and_delete", "find_one_and_replace", "find_one_and_update", "replace_one"),
    *("update_many", "update_one", "bulk_write"),
    # Of `chassis.outbox.versioned`.
    *("save_next", "put_newer"),
}
SECONDS = 240


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
def heard(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Heard:
    """What the stores send while their contract tests run."""
    file = tmp_path_factory.mktemp("queries") / "queries.jsonl"
    file.touch()
    tests = [f"tests/contract/chassis/test_{name}.py" for name in CHASSIS_TESTS]
    tests += [f"tests/contract/{name}" for name in SERVICES]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.architecture.query_recorder"]
    # The stand-ins in memory send nothing.
    finished = subprocess.run(
        [*command, "-k", "not fake", *tests],
        cwd=ROOT,
        env=os.environ | addresses_of(servers) | {FILE_SETTING: str(file)},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout[-6000:]
    return understood([json_util.loads(line) for line in file.read_text().splitlines()])


def addresses_of(servers: Servers) -> dict[str, str]:
    """The settings that have a test run use these servers rather than start its own."""
    return {
        "KAFKA_URL": servers.kafka,
        "MONGODB_URL": servers.mongo["catalog"].rpartition("/")[0],
        "REDIS_URL": servers.redis,
        "S3_URL": servers.s3.url,
        "S3_ACCESS_KEY": servers.s3.access_key,
        "S3_SECRET_KEY": servers.s3.secret_key,
        "STRIPE_URL": servers.stripe,
    }


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
    queried = {query.collection[1] for query in heard.queries}
    for (_, name), indexes in heard.indexes.items():
        declared |= {(name, index) for index in indexes if name in queried}
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


def understood(records: Sequence[Mapping[str, Any]]) -> Heard:
    """Queries and indexes from the driver's commands."""
    queries: list[Query] = []
    indexes: defaultdict[tuple[str, str], list[Index]] = defaultdict(list)
    exempt: set[tuple[str, Index]] = set()
    for record in records:
        collection = (record["database"], record["collection"])
        if "createIndexes" in record["command"]:
            for each in record["command"]["indexes"]:
                index = Index(
                    tuple((field, int(way)) for field, way in each["key"].items()),
                    each.get("sparse", False),
                )
                indexes[collection].append(index)
                if each.get("unique") or "expireAfterSeconds" in each:
                    exempt.add((record["collection"], index))
        elif record["origin"]:
            queries += _queries(collection, record["origin"], record["command"])
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

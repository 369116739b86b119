"""The folders and files are the ones of the design, and each keeps to its own business."""

import re
from pathlib import Path

import pytest

from tests.architecture.source_tree import (
    ROOT,
    SERVICES,
    calls_of,
    files_of,
    imports_of,
    product_files,
    relative,
    texts_of,
)

LONGEST_FILE = 400
# More cannot be taken in at a glance.
MOST_ENTRIES = 20
SMALL_FILE = 30
# A package's own text, and what every process has in a file of this name.
MAY_BE_SMALL = {"__init__", "__main__", "settings"}

# Each is a module, or a package of the same name where it has outgrown one.
EVERY_SERVICE = ("model", "usecases", "store", "messages", "rpc", "settings", "__main__")
# svc_auth takes no events; svc_notify asks nobody.
WITHOUT = {"svc_auth": {"consumers"}, "svc_notify": {"peers"}}

SEES_MESSAGES = {"rpc", "consumers", "peers", "messages", "__main__"}

NAMES_THAT_SAY_NOTHING = re.compile(r"(^|_)(utils?|helpers?|common|managers?|misc)(_|$)")

# What architecture.md allows of MongoDB, and the operators that aggregations are made of.
ALLOWED_OPERATORS = {
    # queries
    *("$all", "$and", "$elemMatch", "$eq", "$exists", "$expr", "$gt", "$gte", "$in", "$lt"),
    *("$lte", "$ne", "$nin", "$nor", "$or", "$regex", "$size"),
    # updates
    *("$addToSet", "$currentDate", "$each", "$inc", "$max", "$min", "$pull", "$push"),
    *("$set", "$setOnInsert", "$slice", "$unset"),
    # aggregations
    *("$count", "$facet", "$first", "$group", "$last", "$limit", "$match", "$multiply"),
    *("$project", "$skip", "$sort", "$sum", "$unwind"),
}
FORBIDDEN_OPERATORS = {
    *("$text", "$search", "$where", "$function", "$accumulator", "$lookup", "$graphLookup"),
    *("$merge", "$out", "$changeStream", "$jsonSchema", "$near", "$geoWithin", "$replaceWith"),
}
OPERATOR = re.compile(r"^\$[a-zA-Z]+$")
FORBIDDEN_CALLS = {
    *("start_session", "start_transaction", "with_transaction", "watch"),
    *("aggregate_raw_batches", "create_search_index", "map_reduce"),
}
FORBIDDEN_INDEX_OPTIONS = {"partialFilterExpression", "text", "2dsphere", "hashed"}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_modules_of_the_design(service: str) -> None:
    wanted = ({*EVERY_SERVICE, "consumers", "peers"} - WITHOUT.get(service, set())) | {"__init__"}
    there = {
        entry.stem
        for entry in (ROOT / service).iterdir()
        if entry.suffix == ".py" or (entry / "__init__.py").exists()
    }
    assert there == wanted


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_started_by_a_short_file(service: str) -> None:
    assert len((ROOT / service / "__main__.py").read_text().splitlines()) <= 90


def test_no_file_is_too_long_to_read() -> None:
    lengths = {relative(file): len(file.read_text().splitlines()) for file in product_files()}
    assert {file: lines for file, lines in lengths.items() if lines > LONGEST_FILE} == {}


@pytest.mark.parametrize("package", ["chassis", "gateway", "ui", "devstack", "shopctl", *SERVICES])
def test_the_top_of_a_package_can_be_taken_in(package: str) -> None:
    assert len(entries_of(ROOT / package)) <= MOST_ENTRIES


def entries_of(package: Path) -> set[str]:
    """The modules and packages directly in `package`."""
    found = {file.relative_to(package).parts[0] for file in package.rglob("*.py")}
    return found - {"__init__.py", "__main__.py"}


def test_a_small_file_serves_more_than_one_other() -> None:
    files = product_files()
    imported = {relative(file): set(imports_of(file)) for file in files}
    small = [
        file
        for file in files
        if file.stem not in MAY_BE_SMALL and len(file.read_text().splitlines()) < SMALL_FILE
    ]
    importers = {
        relative(file): [name for name, modules in imported.items() if _module(file) in modules]
        for file in small
    }
    assert {file: found for file, found in importers.items() if len(found) < 2} == {}


def test_every_file_says_what_is_in_it() -> None:
    silent = [
        relative(file)
        for file in product_files()
        if not file.read_text().removeprefix("#!/usr/bin/env python3\n").startswith(('"""', 'r"""'))
    ]
    assert silent == []


def test_names_say_something() -> None:
    parts = {part for file in product_files() for part in (file.stem, file.parent.name)}
    assert sorted(part for part in parts if NAMES_THAT_SAY_NOTHING.search(part)) == []


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_edges_of_a_service_see_messages(service: str) -> None:
    seen = {
        relative(file)
        for file in files_of(service)
        if _module_in(service, file) not in SEES_MESSAGES
        and any(name.split(".")[0] in {"shop", "grpc", "google"} for name in imports_of(file))
    }
    assert seen == set()


def test_pages_see_neither_messages_nor_grpc() -> None:
    forbidden = {"shop", "grpc", "google", "pymongo", "kafka", "redis"}
    seen = {
        (relative(file), name)
        for file in files_of("ui")
        for name in imports_of(file)
        if name.split(".")[0] in forbidden
    }
    assert files_of("ui")
    assert seen == set()


def test_only_the_chassis_and_the_outbox_know_kafka() -> None:
    seen = {
        relative(file)
        for file in product_files()
        if any(name.split(".")[0] == "kafka" for name in imports_of(file))
    }
    assert all(name.startswith(("chassis/", "devstack/")) for name in seen), seen


@pytest.mark.parametrize("package", ["chassis", *SERVICES])
def test_only_features_that_every_mongodb_has_are_used(package: str) -> None:
    operators = {
        (relative(file), text)
        for file in files_of(package)
        for text in texts_of(file)
        if OPERATOR.match(text) and text not in ALLOWED_OPERATORS
    }
    unknown = {
        (file, text)
        for file, text in operators
        if text in FORBIDDEN_OPERATORS or not _is_field_reference(file, text)
    }
    assert unknown == set()
    calls = {
        (relative(file), name)
        for file in files_of(package)
        # Redis has calls of these names too, and they are no change streams.
        if not any("redis" in name for name in imports_of(file))
        for name in calls_of(file)
        if name in FORBIDDEN_CALLS
    }
    assert calls == set()
    options = {
        (relative(file), text)
        for file in files_of(package)
        if "store" in relative(file)
        for text in texts_of(file)
        if text in FORBIDDEN_INDEX_OPTIONS
    }
    assert options == set()


@pytest.mark.parametrize("pattern", ["requirements/*", "devstack/jars.lock"])
def test_lock_files_name_no_registry(pattern: str) -> None:
    locks = list(ROOT.glob(pattern))
    assert locks
    assert [relative(lock) for lock in locks if "://" in lock.read_text()] == []


def _module_in(service: str, file: Path) -> str:
    return file.relative_to(ROOT / service).parts[0].removesuffix(".py")


def _module(file: Path) -> str:
    return relative(file).removesuffix(".py").replace("/", ".")


def _is_field_reference(file: str, text: str) -> bool:
    """`$status` in an aggregation refers to a field that the same service writes."""
    service = file.split("/")[0]
    return any(text[1:] in texts_of(each) for each in files_of(service))

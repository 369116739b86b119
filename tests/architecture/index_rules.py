"""Which indexes answer a query: the rule of prefixes, as MongoDB plans with it.

An index serves a query where its first key is bounded by the filter, and where the sort, if there
is one, continues the keys that the filter pins to a single value. A query that asks for a whole
collection needs an index only for its order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

Keys = Sequence[tuple[str, int]]
Filter = Mapping[str, Any]

_RANGES = {"$gt", "$gte", "$lt", "$lte"}
_POINTS = {"$eq", "$in", "$all"}


class Bound(IntEnum):
    """How narrowly a filter bounds a field; a greater one is narrower."""

    NONE = 0
    RANGE = 1
    POINTS = 2
    POINT = 3


@dataclass(frozen=True)
class Index:
    """An index as it was created."""

    keys: tuple[tuple[str, int], ...]
    sparse: bool = False


BY_ID = Index((("_id", 1),))


def serving(query: Filter, sort: Keys, indexes: Sequence[Index]) -> Index | None:
    """The first of `indexes`, or the one over `_id`, that serves a query; None where none does."""
    for index in (BY_ID, *indexes):
        if all(_serves(index, bounds, sort) for bounds in _alternatives(query)):
            return index
    return None


def is_served(query: Filter, sort: Keys, indexes: Sequence[Index]) -> bool:
    """Whether a query needs no scan: each branch of an `$or` may take another index."""
    if serving(query, sort, indexes):
        return True
    # Branches that use different indexes are merged, which keeps no order.
    branches = list(_alternatives(query))
    return not sort and all(
        any(_serves(index, bounds, ()) for index in (BY_ID, *indexes)) for bounds in branches
    )


def serves_a_branch(query: Filter, sort: Keys, index: Index) -> bool:
    """Whether `index` serves a way through the `$or`s of a query, which others then complete."""
    return not sort and any(_serves(index, bounds, ()) for bounds in _alternatives(query))


def _serves(index: Index, bounds: Mapping[str, Bound], sort: Keys) -> bool:
    fields = [field for field, _ in index.keys]
    if bounds.get("_id") is Bound.POINT:
        return fields == ["_id"]  # one document at most: nothing to sort
    if index.sparse and bounds.get(fields[0], Bound.NONE) is Bound.NONE:
        return False  # what it leaves out may be asked for
    if not bounds and not sort:
        return fields == ["_id"]  # the whole collection, in any order
    if bounds and not sort:
        return bounds.get(fields[0], Bound.NONE) is not Bound.NONE
    if any(bounds.values()) and bounds.get(fields[0], Bound.NONE) is Bound.NONE:
        return False
    return _keeps_order(index, bounds, sort)


def _keeps_order(index: Index, bounds: Mapping[str, Bound], sort: Keys) -> bool:
    """Whether the index, read forwards or backwards, gives what it finds in the order of `sort`."""
    wanted = [key for key in sort if bounds.get(key[0]) is not Bound.POINT]
    remaining = [key for key in index.keys if bounds.get(key[0]) is not Bound.POINT]
    found = remaining[: len(wanted)]
    backwards = [(field, -direction) for field, direction in found]
    return list(wanted) in (list(found), backwards)


def _alternatives(query: Filter) -> Iterator[dict[str, Bound]]:
    """The bounds of a filter, once for each way through its `$or`s."""
    alternatives: list[dict[str, Bound]] = [{}]
    for part in _conjuncts(query):
        if "$or" in part:
            ways = [way for branch in part["$or"] for way in _alternatives(branch)]
        else:
            ways = [_bounds_of(part)]
        alternatives = [_both(before, way) for before in alternatives for way in ways]
    yield from alternatives


def _conjuncts(query: Filter) -> Iterator[Filter]:
    """The parts of a filter that must all hold, `$and` flattened."""
    for name, condition in query.items():
        if name == "$and":
            for each in condition:
                yield from _conjuncts(each)
        else:
            yield {name: condition}


def _bounds_of(part: Filter) -> dict[str, Bound]:
    """The bounds that one condition sets; those of `$elemMatch` are of paths below the field."""
    [(field, condition)] = part.items()
    if field.startswith("$"):
        return {}
    if isinstance(condition, Mapping) and "$elemMatch" in condition:
        inner = condition["$elemMatch"]
        below: dict[str, Bound] = {}
        for each in _conjuncts(inner):
            if not next(iter(each)).startswith("$"):
                below |= {f"{field}.{path}": bound for path, bound in _bounds_of(each).items()}
        return below
    return {field: _bound(condition)}


def _bound(condition: Any) -> Bound:
    if not isinstance(condition, Mapping) or not any(key.startswith("$") for key in condition):
        return Bound.POINT
    bounds = [_operator_bound(operator, value) for operator, value in condition.items()]
    return max(bounds, default=Bound.NONE)


def _operator_bound(operator: str, value: Any) -> Bound:
    if operator in _POINTS:
        single = operator == "$eq" or (isinstance(value, Sequence) and len(value) == 1)
        return Bound.POINT if single else Bound.POINTS
    if operator in _RANGES or (operator == "$exists" and value):
        return Bound.RANGE
    # Only a beginning can be looked up; what may occur anywhere is looked for everywhere.
    if operator == "$regex" and str(value).startswith("^"):
        return Bound.RANGE
    return Bound.NONE


def _both(one: Mapping[str, Bound], other: Mapping[str, Bound]) -> dict[str, Bound]:
    names = [*one, *(name for name in other if name not in one)]
    return {name: max(one.get(name, Bound.NONE), other.get(name, Bound.NONE)) for name in names}

"""The checker of indexes tells what is served from what is scanned."""

from typing import Any

import pytest

from tests.architecture.index_rules import Index, Keys, is_served, serves_a_branch

BY_EMAIL = Index((("email", 1),))
BY_TIME = Index((("status", 1), ("at", -1), ("_id", -1)))
BY_DUE = Index((("due", 1),), sparse=True)
BY_WORD = Index((("deleted", 1), ("terms", 1), ("title", 1), ("_id", 1)))
INDEXES = (BY_EMAIL, BY_TIME, BY_DUE, BY_WORD)
NEWEST = (("at", -1), ("_id", -1))
OLDEST = (("at", 1), ("_id", 1))

SERVED: list[tuple[dict[str, Any], Keys]] = [
    ({}, ()),
    ({}, (("_id", 1),)),
    ({"_id": 1}, ()),
    ({"_id": 1, "anything": 2}, (("other", 1),)),
    ({"_id": {"$in": [1, 2]}}, ()),
    ({"email": "a"}, ()),
    ({"email": {"$in": ["a", "b"]}}, ()),
    ({"email": {"$regex": "^a"}}, ()),
    ({"email": {"$gte": "a"}, "name": "b"}, ()),
    ({"status": "new"}, NEWEST),
    ({"status": "new"}, OLDEST),
    ({"status": "new", "at": {"$lt": 5}}, NEWEST),
    ({"status": {"$in": ["new"]}}, NEWEST),
    ({"due": {"$lte": 5}}, (("due", 1),)),
    ({"$and": [{"status": "new"}, {"$or": [{"at": {"$lt": 1}}, {"at": 1, "_id": 2}]}]}, ()),
    (
        {
            "$and": [
                {"status": "new"},
                {"$or": [{"at": {"$lt": 1}}, {"at": 1, "_id": {"$lt": 2}}]},
            ]
        },
        NEWEST,
    ),
    ({"$or": [{"email": "a"}, {"_id": 1}]}, ()),
    ({"deleted": False, "terms": "red"}, (("title", 1), ("_id", 1))),
]
SCANNED: list[tuple[dict[str, Any], Keys]] = [
    ({}, (("name", 1),)),
    ({"name": "a"}, ()),
    ({"email": {"$ne": "a"}}, ()),
    ({"email": {"$regex": "a"}}, ()),
    ({"email": "a"}, (("name", 1),)),
    ({"at": 5}, ()),
    ({"at": {"$lt": 5}}, NEWEST),
    ({"status": "new"}, (("at", -1), ("_id", 1))),
    ({"status": {"$in": ["new", "old"]}}, NEWEST),
    ({"status": {"$gt": "a"}}, NEWEST),
    ({}, (("due", 1),)),
    ({"due": {"$ne": 5}}, ()),
    ({"$or": [{"email": "a"}, {"name": "b"}]}, ()),
    ({"$or": [{"email": "a"}, {"_id": 1}]}, (("name", 1),)),
    ({"used": {"$elemMatch": {"hash": "x"}}}, ()),
    ({"deleted": False, "terms": {"$regex": "^re"}}, (("title", 1), ("_id", 1))),
]


@pytest.mark.parametrize(("query", "sort"), SERVED)
def test_what_an_index_serves(query: dict[str, Any], sort: Keys) -> None:
    assert is_served(query, sort, INDEXES)


@pytest.mark.parametrize(("query", "sort"), SCANNED)
def test_what_needs_a_scan(query: dict[str, Any], sort: Keys) -> None:
    assert not is_served(query, sort, INDEXES)


def test_a_path_below_an_array_is_served_by_its_index() -> None:
    index = Index((("used.hash", 1),))
    assert is_served({"used": {"$elemMatch": {"hash": "x", "at": 1}}}, (), [index])
    assert is_served({"used.hash": "x"}, (), [index])


def test_an_index_that_serves_one_branch_of_several_is_used() -> None:
    either = {"$or": [{"email": "a"}, {"name": "b"}]}
    by_name = Index((("name", 1),))
    assert serves_a_branch(either, (), by_name)
    assert not serves_a_branch(either, (), Index((("status", 1),)))
    assert not serves_a_branch(either, (("name", 1),), by_name)

"""Searches as queries: whole words of products, looked up in their indexes."""

from chassis.mongo.client import Document
from svc_catalog.model.search import LEVELS, Level, Search

# Nothing has no id.
_NOTHING: Document = {"_id": {"$in": []}}


def any_level_query(search: Search) -> Document:
    """What matches at all, which is what does so on the last level."""
    return _matching(search, LEVELS[-1]) or _NOTHING


def level_query(search: Search, number: int) -> Document | None:
    """What matches on this level and on no better one; None where nothing can."""
    matching = _matching(search, LEVELS[number])
    if matching is None:
        return None
    better = [found for level in LEVELS[:number] if (found := _matching(search, level))]
    return matching | {"$nor": better} if better else matching


def _matching(search: Search, level: Level) -> Document | None:
    field = "main_terms" if level.main else "terms"
    readings = [
        {"$and": [{field: {"$in": list(group)}} for group in groups]}
        for groups in search.words(level)
    ]
    if len(readings) > 1:
        return {"$or": readings}
    return readings[0] if readings else None

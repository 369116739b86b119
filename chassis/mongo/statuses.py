"""How many documents of a collection have each status, and how old the oldest open one is.

What has ended is counted for a day only: all of it grows for ever, and so would each count.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

from chassis.mongo.client import Document
from chassis.telemetry.metrics import Measured

ENDED_FOR = timedelta(hours=24)


class StatusMetrics:
    """Two metrics of a collection whose documents have `status` and `created_at`.

    Args:
        name: Of the first, such as `orders`; the other is `orders_oldest_age_seconds`.
        is_open: Status -> whether something is still to become of a document.
        where: What else a document has, for an index with these, `status` and `created_at`.
    """

    def __init__(
        self, name: str, is_open: Mapping[str, bool], where: Mapping[str, Any] | None = None
    ) -> None:
        said = "by status; of those that have ended, those made in the last 24 hours"
        self._number = Measured(name, f"{name.capitalize()} {said}.", ["status"])
        self._age = Measured(
            f"{name}_oldest_age_seconds", "The age of the oldest open one; 0 for none.", ["status"]
        )
        self._is_open = is_open
        self._where = where or {}

    @property
    def gauges(self) -> Collection[Measured]:
        """Both of them."""
        return self._number, self._age

    async def ask(self, collection: AsyncCollection[Document], now: datetime) -> None:
        """Measure both."""
        are_open = {"status": {"$in": [each for each, is_open in self._is_open.items() if is_open]}}
        have_ended = {
            "status": {"$in": [each for each, is_open in self._is_open.items() if not is_open]},
            "created_at": {"$gte": now - ENDED_FOR},
        }
        counts = {"_id": "$status", "count": {"$sum": 1}, "oldest": {"$min": "$created_at"}}
        query = {**self._where, "$or": [are_open, have_ended]}
        found = await collection.aggregate([{"$match": query}, {"$group": counts}])
        by_status = {each["_id"]: each async for each in found}
        self._number.values = {
            (status,): by_status[status]["count"] if status in by_status else 0
            for status in self._is_open
        }
        self._age.values = {
            (status,): (now - by_status[status]["oldest"]).total_seconds()
            if status in by_status
            else 0.0
            for status, is_open in self._is_open.items()
            if is_open
        }

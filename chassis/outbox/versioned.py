"""Aggregates with a `version`: a write takes the next one, where no other was first."""

import asyncio
import random
from collections.abc import Iterable, Sequence

from chassis.mongo.client import Document
from chassis.outbox.outbox import DomainEvent, Outbox

LONGEST_PAUSE_SECONDS = 0.05


async def jittered(attempt: int) -> None:
    """Wait after the write of that attempt lost, so that writers get out of each other's way."""
    longest = min(0.002 * attempt, LONGEST_PAUSE_SECONDS)
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - no secret


async def save_next(
    outbox: Outbox, document: Document, optional: Iterable[str], events: Sequence[DomainEvent]
) -> bool:
    """Write the next version of an aggregate together with its events.

    Args:
        outbox: Of the aggregates.
        document: The aggregate in its new version, without the outbox.
        optional: Fields that a version may lack; the write takes away those that `document` does.
        events: What the change announces; may be none.

    Returns:
        False where the document is not in the version before: someone else wrote first.
    """
    update: Document = {"$set": {name: document[name] for name in document if name != "_id"}}
    if gone := {name: "" for name in optional if name not in document}:
        update["$unset"] = gone
    before = {"_id": document["_id"], "version": document["version"] - 1}
    return await outbox.update_one(before, update, outbox.entries(document["_id"], events))

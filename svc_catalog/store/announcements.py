"""Writes of a product that announce it: at most one entry of its news waits in the outbox.

An entry of `product.updated` has no data: its message is made from the product when it is
published. So a change that finds one waiting needs no second one, however many come while Kafka
is unreachable. It gives the waiting entry a new id instead: a relay that publishes the entry as it
was takes out the old id only, so what this write changed is published as well.
"""

from collections.abc import Mapping, Sequence

from chassis.mongo.client import Document
from chassis.outbox.outbox import FIELD, Outbox
from svc_catalog.store.documents import PROJECTION

TOPIC = "product.updated"

_TOPIC_OF_ENTRY = f"{FIELD}.topic"


async def write_announced(
    outbox: Outbox,
    query: Document,
    update: Document,
    picked: Sequence[Document] = (),
    projection: Mapping[str, bool] = PROJECTION,
) -> Document | None:
    """Do `update` with the product's next version, and have the product announced.

    Args:
        outbox: Of the products.
        query: Names the product by its `_id`, with the conditions of the write.
        update: Operators only.
        picked: Array filters of `update`.
        projection: What to return; at least `PROJECTION`.

    Returns:
        The product's document after it. None where the conditions do not hold; or, rarely, where
        the outbox changed in the middle: look again before you say so.
    """
    entry = outbox.deferred_entry(query["_id"], TOPIC)
    update = update | {"$inc": update.get("$inc", {}) | {"version": 1}}
    document = await outbox.find_one_and_update(
        query | {_TOPIC_OF_ENTRY: {"$ne": TOPIC}},
        update,
        [entry],
        projection=projection,
        array_filters=picked or None,
    )
    if document is not None:
        return document
    renewed = {f"{FIELD}.$[waiting].id": entry["id"]}
    document = await outbox.find_one_and_update(
        query | {_TOPIC_OF_ENTRY: TOPIC},
        update | {"$set": update.get("$set", {}) | renewed},
        [],
        projection=projection,
        array_filters=[*picked, {"waiting.topic": TOPIC}],
    )
    if document is not None:
        outbox.nudge(query["_id"], [entry], document)
    return document

"""Products as they were when they had all that orders held of them, in two arrays.

    reservations: [{order_id, quantity, token, at}]
    closed: [{order_id, outcome, quantity, at}]

Older ones of `closed` were in a collection `tombstones`: {_id: "<product>/<order>", outcome, ...}.
"""

from collections.abc import Mapping
from typing import Any

from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from svc_catalog.model.stock import State
from svc_catalog.store.documents import COLLECTION
from svc_catalog.store.reservations import Reservations

_TOMBSTONES = "tombstones"


async def convert(database: AsyncDatabase[Document], product_id: str) -> None:
    """Give a product the form that it has now; whatever stops in the middle is done again."""
    products = database[COLLECTION]
    product = await products.find_one({"_id": product_id, "moved": None})
    if product is None:
        return
    of_product = {"_id": {"$gte": f"{product_id}/", "$lt": f"{product_id}0"}}
    old = [
        _entry(each["_id"].partition("/")[2], each["outcome"], each)
        async for each in database[_TOMBSTONES].find(of_product)
    ]
    old += [_entry(each["order_id"], each["outcome"], each) for each in product.get("closed", ())]
    old += [
        _entry(each["order_id"], State.RESERVED.value, each)
        for each in product.get("reservations", ())
    ]
    await Reservations(database).keep(product_id, old)
    await products.update_one(
        {"_id": product_id, "version": product["version"], "moved": None},
        {"$set": {"recent": [], "moved": 1}, "$unset": {"reservations": "", "closed": ""}},
    )


def _entry(order_id: str, state: str, old: Mapping[str, Any]) -> Document:
    return {
        "order_id": order_id,
        "state": state,
        "quantity": old["quantity"],
        "token": old.get("token", ""),
        "at": old["at"],
        # A reservation that has ended since it was kept is the later one.
        "step": 1 if state == State.RESERVED else 2,
    }

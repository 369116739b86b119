"""Products by the thousand, written into a shop's database before the shop starts."""

from datetime import UTC, datetime, timedelta
from itertools import product as combinations
from pathlib import Path

from pymongo import AsyncMongoClient

from chassis.currencies import Money
from chassis.mongo.client import Document, client_options
from devstack.servers import running
from svc_catalog.model.products import Product, ProductFields
from svc_catalog.model.search import terms
from svc_catalog.store import COLLECTION, MongoVocabulary
from svc_catalog.store.documents import new_document

_COLOURS = ("amber", "beige", "coral", "ebony", "green", "indigo", "ivory", "mauve", "ochre", "red")
_MATERIALS = ("ash", "brass", "cork", "felt", "glass", "linen", "oak", "slate", "steel", "wool")
_THINGS = ("basket", "bench", "bowl", "chair", "clock", "desk", "lamp", "mirror", "shelf", "stool")
_NAMES = tuple(combinations(_COLOURS, _MATERIALS, _THINGS))
CATEGORIES = ("Dining", "Hallway", "Kitchen", "Lighting", "Office", "Outdoors")
QUANTITY = 1_000_000
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 1_000
_PATIENCE_MS = 60_000


async def fill(data: Path, count: int) -> None:
    """Put `count` products into the catalogue of the shop that will start on the folder `data`."""
    async with running(data, {"mongo"}) as servers:
        url = servers.mongo["catalog"]
        # The server is not given up though the first writes, or this loop, keep it busy.
        patient = {**client_options(url), "connectTimeoutMS": _PATIENCE_MS}
        async with AsyncMongoClient[Document](url, **patient) as client:
            database = client.get_default_database()
            products = [_product(number) for number in range(count)]
            for first in range(0, count, _BATCH):
                batch = products[first : first + _BATCH]
                await database[COLLECTION].insert_many(map(new_document, batch))
            words = {word for each in products for word in terms(each.fields)}
            await MongoVocabulary(database, "english").add(words)


def _product(number: int) -> Product:
    colour, material, thing = _NAMES[number % len(_NAMES)]
    fields = ProductFields(
        title=f"{thing.capitalize()} of {colour} {material}, no. {number}",
        description=f"A {thing} that is made to last: {material}, {colour}, and finished by hand.",
        category=CATEGORIES[number % len(CATEGORIES)],
        price=Money(500 + number * 7 % 20_000, "USD"),
        quantity=QUANTITY,
    )
    return Product(
        id=f"bench{number:021}",
        fields=fields,
        user_id="bench",
        reserved=0,
        version=1,
        created_at=_FIRST + timedelta(minutes=number),
    )

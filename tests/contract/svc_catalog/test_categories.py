"""The port CategoryStore."""

from dataclasses import dataclass

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from svc_catalog.store import MongoCategoryStore, MongoProductStore
from svc_catalog.usecases.ports import CategoryStore, ProductStore
from tests.contract.svc_catalog.conftest import FAKE, REAL
from tests.unit.svc_catalog.fakes import FakeCategoryStore, FakeProductStore
from tests.unit.svc_catalog.samples import product

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Shelf:
    """Categories, and products that are written into them."""

    categories: CategoryStore
    products: ProductStore

    async def add(self, product_id: str, category: str) -> str:
        """Add a product; how its category is spelled."""
        spelling = await self.categories.keep(category, product_id)
        await self.products.insert(product(product_id, category=spelling))
        return spelling


@pytest.fixture(params=[FAKE, REAL])
def shelf(request: pytest.FixtureRequest) -> Shelf:
    """The categories, both kinds."""
    if request.param == FAKE:
        return Shelf(FakeCategoryStore(), FakeProductStore())
    database: AsyncDatabase[Document] = request.getfixturevalue("database")
    outbox: Outbox = request.getfixturevalue("outbox")
    return Shelf(MongoCategoryStore(database), MongoProductStore(database, outbox))


async def test_the_first_spelling_stays(shelf: Shelf) -> None:
    assert await shelf.categories.find("zebra") == "zebra"
    assert await shelf.add("p1", "Zebra") == "Zebra"
    assert await shelf.add("p2", "ZÉBRA") == "Zebra"
    assert await shelf.categories.find("zebra") == "Zebra"
    assert await shelf.categories.find("Zebras") == "Zebras"


async def test_the_only_product_of_a_category_may_respell_it(shelf: Shelf) -> None:
    await shelf.add("p1", "ZEBRA")
    assert await shelf.categories.keep("Zebra", "p1") == "Zebra"
    assert await shelf.categories.find("zebra") == "Zebra"


async def test_what_most_products_say_is_learned_once(
    database: AsyncDatabase[Document], outbox: Outbox
) -> None:
    products = MongoProductStore(database, outbox)
    for number, category in enumerate(["zebra", "Zebra", "Zebra", "Rugs"]):
        await products.insert(product(f"p{number}", category=category))
    categories = MongoCategoryStore(database)
    await categories.learn()
    assert await categories.find("zebra") == "Zebra"
    for number in range(3):
        await products.insert(product(f"q{number}", category="RUGS"))
    await categories.learn()
    assert await categories.find("rugs") == "Rugs"

"""What people type into the search of the demo shop, and what they find."""

import asyncio
from itertools import count

import pytest

from chassis.currencies import Money
from devstack.demo.catalogue import load_catalogue
from svc_catalog.model.products import ProductFields
from svc_catalog.model.search import Filters, Sort
from svc_catalog.model.vocabulary import entry_of
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.edit_products import EditProducts
from svc_catalog.usecases.list_products import ListProducts, ProductPage
from svc_catalog.usecases.search_products import SearchProducts
from tests.unit.svc_catalog.fakes import (
    FakeCategoryStore,
    FakeImageStore,
    FakeProductStore,
    FakeVocabulary,
)
from tests.unit.svc_catalog.samples import NOON, product

pytestmark = pytest.mark.anyio


class Shop:
    """A shop that products can be added to, and found in."""

    def __init__(self) -> None:
        self.store, self.vocabulary = FakeProductStore(), FakeVocabulary()
        categories, numbers = FakeCategoryStore(), count(1)
        searching, counting = SearchProducts(self.vocabulary, "english"), CountProducts(self.store)
        self.list_products = ListProducts(self.store, categories, searching, counting)
        self.products = EditProducts(
            self.store,
            FakeImageStore(),
            categories,
            searching,
            counting,
            "USD",
            clock=lambda: NOON,
            new_id=lambda: f"p{next(numbers):02}",
        )

    async def add(self, title: str, description: str = "") -> None:
        await self.products.create(product(title=title, description=description).fields, "admin")

    async def find(self, query: str) -> ProductPage:
        return await self.list_products(query, Filters(), None, 100, "")


@pytest.fixture(scope="module")
def demo() -> Shop:
    """The demo shop."""
    shop = Shop()
    asyncio.run(stock(shop))
    return shop


async def stock(shop: Shop) -> None:
    for each in load_catalogue():
        await shop.products.create(
            ProductFields(
                title=each.title,
                description=each.description,
                category=each.category,
                price=Money(each.price_minor, each.currency),
                quantity=each.quantity,
                keywords=each.keywords,
            ),
            "admin",
        )


def titles(page: ProductPage) -> list[str]:
    return [each.fields.title for each in page.products]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("lamps", "lamp"),
        ("lamp", "lamp"),
        ("lmap", "lamp"),
        ("chairs", "chair"),
        ("knife", "knife"),
        ("knives", "knife"),
        ("mugs", "mug"),
        ("coffee mug", "mug"),
        ("mug coffee", "mug"),
        ("woolen", "wool"),
        ("water botle", "flask"),
        ("notebooks", "notebook"),
        ("bags", "tote"),
        ("pots", "pot"),
        ("back pack", "rucksack"),
        ("backpack", "rucksack"),
        ("scissors", "shears"),
        ("headphone", "headphones"),
        ("phones", "headphones"),
        ("bluetooth", "earbuds"),
        ("headphnes", "headphones"),
        ("speakers", "speaker"),
        ("towels", "towel"),
        ("tea towel", "tea towels"),
        ("cushions", "cushion"),
        ("blankets", "blanket"),
        ("candle", "candlesticks"),
        ("tents", "tent"),
        ("umbrella", "parasol"),
        ("lantern", "lantern"),
        ("TABLE LAMP", "table lamp"),
        ("light bulbs", "bulb"),
        ("cafetière", "carafe"),
        ("frying pan", "skillet"),
        ("kettel", "kettle"),
        ("book shelf", "bookshelf"),
        ("-oak", "oak"),
        ("chef knife", "knife"),
        ("cool-box", "cool box"),
        ("fire pit", "fire bowl"),
    ],
)
async def test_an_everyday_search_finds_what_is_meant_first(
    demo: Shop, query: str, first: str
) -> None:
    found = titles(await demo.find(query))
    assert found
    assert first in found[0].lower()


async def test_a_category_is_found_with_a_slip(demo: Shop) -> None:
    page = await demo.find("ktchen")
    assert page.corrected_query == "kitchen"
    assert {each.fields.category for each in page.products[:12]} == {"Kitchen"}


@pytest.mark.parametrize("query", ["!!!", "---", "😉", "%$", "x" * 100, "qqqq", "qqqq zzzz"])
async def test_what_is_not_there_finds_nothing_and_says_where_else_to_look(
    demo: Shop, query: str
) -> None:
    page = await demo.find(query)
    assert (page.products, page.total_size, page.next_page_token) == ([], 0, "")
    assert len(page.suggested_categories) == 6


async def test_a_product_is_found_by_its_id() -> None:
    shop, lamp = Shop(), product("01m8a4gz1v0000000000000000")
    await shop.store.insert(lamp)
    assert (await shop.find(lamp.id)).products == [lamp]
    await shop.store.delete(lamp.id)
    assert (await shop.find(lamp.id)).products == []


@pytest.mark.parametrize(
    ("title", "query"),
    [
        ("Smart thermostat", "thermostats"),
        ("有機緑茶", "緑茶"),
        ("北京烤鴨醬", "烤鴨"),
        ("Headphones bluetooth", "headph bluetooth"),
        ("Headphones", "phones"),
        ("Smørbrød board", "smorbrod"),
        ("Лампа настольная", "лампы"),
        ("ชาเขียวมัทฉะ", "เขียว"),
    ],
)
async def test_words_of_any_language_are_found(title: str, query: str) -> None:
    shop = Shop()
    await shop.add(title)
    await shop.add("Other", "Something else")
    assert titles(await shop.find(query)) == [title]


async def test_the_best_match_comes_first_page_by_page() -> None:
    shop = Shop()
    await shop.add("Lamp", "older")
    await shop.add("Lampshade")
    await shop.add("Bulb", "For a lamp")
    await shop.add("Two lamps", "newer")
    await shop.add("Frame", "For a lampshade")
    await shop.add("Rug", "Wool")
    wanted = ["Two lamps", "Lamp", "Bulb", "Lampshade", "Frame"]
    assert titles(await shop.find("lamp")) == wanted
    seen, token = list[str](), ""
    while len(seen) < len(wanted):
        page = await shop.list_products("lamp", Filters(), Sort.RELEVANCE, 2, token)
        seen += titles(page)
        token = page.next_page_token
    assert (seen, token) == (wanted, "")


async def test_some_words_are_better_than_nothing(demo: Shop) -> None:
    page = await demo.find("purple elephant lamp")
    assert page.any_word
    assert "lamp" in titles(page)[0]


async def test_products_and_words_from_before_are_analysed_again() -> None:
    store, vocabulary = FakeProductStore(), FakeVocabulary()
    await store.insert(product("lamp"))
    store.underived = {"lamp"}
    vocabulary.entries = {"lamps": (entry_of("lamps", "german"), "before")}
    searching = SearchProducts(vocabulary, "english")
    await searching.analyse_again(store)
    assert store.underived == set()
    assert {by for _, by in vocabulary.entries.values()} == {"now"}
    assert {"brass", "lamp", "lamps"} <= vocabulary.entries.keys()
    understood = await searching.understand("lamps")
    assert understood.search.level(product("lamp").fields) == 0

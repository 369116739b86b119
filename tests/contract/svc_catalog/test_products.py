"""The port ProductStore."""

from dataclasses import replace

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.currencies import Money
from chassis.mongo.client import Document
from chassis.outbox.outbox import Outbox
from svc_catalog.model.search import Filters, Position, Search, Sort
from svc_catalog.model.stock import StockLine
from svc_catalog.model.vocabulary import Concept, entry_of, lookup_of
from svc_catalog.store import COLLECTION, MongoProductStore, MongoVocabulary
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.ports import Vocabulary
from svc_catalog.usecases.reserve_stock import ReserveStock
from tests.contract.svc_catalog.conftest import Stores
from tests.unit.svc_catalog.samples import NOON, fields, product

pytestmark = pytest.mark.anyio


def found_by(*words: str, any_word: bool = False) -> Filters:
    """Filters for products that have these words."""
    reading = tuple(Concept((word,), (word,)) for word in words)
    return Filters(search=Search((reading,), any_word))


async def test_a_product_comes_back_whole(stores: Stores) -> None:
    lamp = product("lamp", image_key="a" * 64, reserved=2)
    await stores.products.insert(lamp)
    assert await stores.products.find("lamp") == lamp
    assert await stores.products.find("ghost") is None
    assert await stores.announced() == ["product.created"]


async def test_the_oldest_product_says_which_currency_the_shop_sells_in(stores: Stores) -> None:
    assert await stores.products.currency() is None
    for minutes, code in enumerate(["EUR", "USD", "JPY"]):
        priced = product(code.lower(), minutes=minutes, price=Money(500, code))
        await stores.products.insert(priced)
    assert await stores.products.currency() == "EUR"
    await stores.products.delete("eur")
    assert await stores.products.currency() == "USD"


async def test_only_the_next_version_replaces(stores: Stores) -> None:
    lamp = product("lamp")
    await stores.products.insert(lamp)
    newer = replace(lamp, fields=fields(title="Lámpara", quantity=3), version=2)
    assert await stores.products.replace(newer)
    assert not await stores.products.replace(newer)
    assert not await stores.products.replace(replace(newer, id="ghost"))
    assert await stores.products.find("lamp") == newer
    assert await stores.products.page(found_by("lampara"), Sort.TITLE, None, 9) == [newer]
    assert await stores.announced() == ["product.created", "product.updated"]


async def test_an_edit_writes_over_what_was_sold_meanwhile(stores: Stores) -> None:
    lamp = product("lamp", quantity=10)
    await stores.products.insert(lamp)
    assert await stores.stock.reserve("o1", StockLine("lamp", 3), "mine", NOON)
    await ReserveStock(
        stores.stock, CountProducts(stores.products), lambda: NOON, lambda: "token"
    ).sell("o2", [StockLine("lamp", 2)])
    edited = lamp.edited({"title": "Lámpara"}, 5, None)
    written = await stores.products.edit(lamp, edited, None, "k")
    assert written == await stores.products.find("lamp")
    assert written is not None
    assert (written.fields.title, written.fields.quantity, written.reserved) == ("Lámpara", 13, 3)
    assert (written.version, written.details_version) == (4, 2)
    assert written.changed_in == {"title": 2}
    assert await stores.products.page(found_by("lampara"), Sort.TITLE, None, 9) == [written]
    assert await stores.products.has_edit("lamp", "k")
    assert not await stores.products.has_edit("lamp", "other")
    assert not await stores.stock.reserve("o3", StockLine("lamp", 11), "mine", NOON)
    assert await stores.stock.reserve("o3", StockLine("lamp", 10), "mine", NOON)


async def test_an_edit_is_not_written_where_its_ground_has_changed(stores: Stores) -> None:
    lamp = product("lamp", quantity=10, reserved=8)
    await stores.products.insert(lamp)
    newer = await stores.products.edit(lamp, lamp.edited({"title": "Theirs"}, 0, None), None, "k")
    assert newer is not None
    mine = lamp.edited({"category": "Rugs"}, 0, None)
    assert await stores.products.edit(lamp, mine, None, "") is None
    more = lamp.edited({}, 1, None)
    assert await stores.products.edit(lamp, more, 1, "") is None
    assert await stores.products.edit(lamp, more, None, "k") is None
    less = replace(lamp, fields=fields(quantity=7))
    assert await stores.products.edit(lamp, less, None, "") is None
    many = replace(lamp, fields=fields(quantity=1_000_001))
    assert await stores.products.edit(lamp, many, None, "") is None
    assert await stores.products.find("lamp") == newer
    assert await stores.products.edit(lamp, more, 2, "l")
    await stores.products.delete("lamp")
    assert await stores.products.edit(newer, more, None, "") is None


async def test_a_product_from_before_there_were_edits_can_be_edited(
    database: AsyncDatabase[Document], outbox: Outbox
) -> None:
    store = MongoProductStore(database, outbox)
    await store.insert(product("lamp"))
    await database[COLLECTION].update_one({}, {"$unset": {"details_version": "", "changed_in": ""}})
    lamp = await store.find("lamp")
    assert lamp == product("lamp")
    edited = await store.edit(lamp, lamp.edited({"title": "New"}, 0, 1), None, "")
    assert edited is not None
    assert edited.details_version == 2


async def test_a_deleted_product_is_found_by_its_id_only(stores: Stores) -> None:
    await stores.products.insert(product("lamp"))
    await stores.products.delete("lamp")
    await stores.products.delete("lamp")
    await stores.products.delete("ghost")
    gone = await stores.products.find("lamp")
    assert gone is not None
    assert (gone.deleted, gone.version) == (True, 2)
    assert await stores.products.page(Filters(), Sort.NEWEST, None, 9) == []
    assert await stores.products.counts(Filters()) == {}
    assert not await stores.products.replace(replace(gone, deleted=False, version=3))
    assert await stores.announced() == ["product.created", "product.deleted"]


@pytest.mark.parametrize("sort", list(Sort))
async def test_a_list_goes_on_where_it_stopped(stores: Stores, sort: Sort) -> None:
    for number in range(6):
        await stores.products.insert(
            product(
                f"p{number}",
                minutes=number // 2,
                title=["Zebra", "apple", "Éclair"][number % 3],
                price=replace(product().fields.price, amount_minor=100 + number % 2),
            )
        )
    whole = list(await stores.products.page(Filters(), sort, None, 9))
    assert whole == sorted(
        whole, key=lambda each: (sort.key(each), each.id), reverse=sort.descending
    )
    assert len(whole) == 6
    for index, last in enumerate(whole):
        after = Position(sort.key(last), last.id)
        rest = await stores.products.page(Filters(), sort, after, 2)
        assert rest == whole[index + 1 : index + 3]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (Filters(), ["lamp", "rug", "vase"]),
        (Filters(category="Living"), ["lamp", "vase"]),
        (found_by("brass"), ["lamp", "vase"]),
        (found_by("brass", "desk"), ["lamp"]),
        (found_by("brass", "vase"), ["vase"]),
        (found_by("bras"), []),
        (found_by("lamp", "vase", any_word=True), ["lamp", "vase"]),
        (Filters(search=Search(())), []),
        (found_by("живая"), ["rug"]),
        (Filters(min_price=200), ["rug", "vase"]),
        (Filters(max_price=200), ["lamp", "vase"]),
        (Filters(min_price=200, max_price=200), ["vase"]),
        (Filters(in_stock=True), ["lamp", "rug"]),
        (Filters(in_stock=False), ["vase"]),
        (replace(found_by("lamp"), category="Living", in_stock=True, max_price=150), ["lamp"]),
    ],
)
async def test_filters(stores: Stores, filters: Filters, found: list[str]) -> None:
    price = product().fields.price
    for product_id, title, category, minor, quantity in [
        ("lamp", "Brass lamp for a desk", "Living", 100, 3),
        ("vase", "Brass vase", "Living", 200, 0),
        ("rug", "Живая Rug", "Floor", 300, 1),
    ]:
        await stores.products.insert(
            product(
                product_id,
                title=title,
                description="",
                category=category,
                price=replace(price, amount_minor=minor),
                quantity=quantity,
            )
        )
    page = await stores.products.page(filters, Sort.CHEAPEST, None, 9)
    assert sorted(each.id for each in page) == found
    counts = await stores.products.counts(filters)
    if filters.category:
        assert counts.get(filters.category, 0) == len(found)
    else:
        assert sum(counts.values()) == len(found)


async def test_counts_ignore_the_category(stores: Stores) -> None:
    for number, category in enumerate(["b", "a", "b"]):
        await stores.products.insert(product(f"p{number}", category=category))
    counts = await stores.products.counts(Filters(category="a"))
    assert list(counts.items()) == [("a", 1), ("b", 2)]


LAMPS = [
    ("old", "Lamp", "older", 0),
    ("shade", "Lampshade", "", 1),
    ("bulb", "Bulb", "For a lamp", 2),
    ("new", "Two lamps", "newer", 3),
    ("frame", "Frame", "For a lampshade", 4),
    ("rug", "Rug", "Wool", 5),
]


async def test_the_best_match_comes_first_and_a_page_goes_on_where_it_stopped(
    stores: Stores,
) -> None:
    for product_id, title, description, minutes in LAMPS:
        await stores.products.insert(
            product(product_id, title=title, description=description, minutes=minutes)
        )
    lamp = Concept(("lamp", "lamps"), ("lamp", "lamps", "lampshade"))
    # As two readings, so that alternatives are asked for as well.
    search = Search(((lamp,), (Concept(("ghost",), ("ghost",)),)))
    by_match = Filters(search=search)
    whole = await stores.products.page(by_match, Sort.RELEVANCE, None, 9)
    assert [each.id for each in whole] == ["new", "old", "bulb", "shade", "frame"]
    for index, last in enumerate(whole):
        level = search.level(last.fields)
        assert level is not None
        after = Position(last.created_at, last.id, level)
        rest = await stores.products.page(by_match, Sort.RELEVANCE, after, 2)
        assert rest == whole[index + 1 : index + 3]


async def test_what_was_derived_otherwise_is_derived_again(
    database: AsyncDatabase[Document], outbox: Outbox
) -> None:
    store = MongoProductStore(database, outbox)
    for product_id in ("old", "older", "new"):
        await store.insert(product(product_id))
    await database[COLLECTION].update_one({"_id": "old"}, {"$set": {"derived_by": 1}})
    await database[COLLECTION].update_one({"_id": "older"}, {"$unset": {"derived_by": ""}})
    outdated = await store.outdated(9)
    assert sorted(each.id for each in outdated) == ["old", "older"]
    assert not await store.derive(replace(outdated[0], version=7))
    for each in outdated:
        assert await store.derive(each)
    assert await store.outdated(9) == []


async def test_words_are_looked_up_in_every_way(vocabulary: Vocabulary) -> None:
    words = ("lamp", "lamps", "lampshade", "headphones", "bottle", "rug")
    await vocabulary.add(words)
    await vocabulary.add(["lamp"])
    for typed, found in [
        ("lamps", {"lamp", "lamps"}),
        ("lam", {"lamp", "lamps", "lampshade"}),
        ("phones", {"headphones"}),
        ("botle", {"bottle"}),
        ("zzz", set()),
    ]:
        entries = await vocabulary.find(lookup_of([typed], "english"))
        assert {each.word for each in entries} >= found
        assert all(each == entry_of(each.word, "english") for each in entries)


async def test_words_that_were_analysed_otherwise_are_listed(
    database: AsyncDatabase[Document],
) -> None:
    await MongoVocabulary(database, "german").add(["lamp"])
    english = MongoVocabulary(database, "english")
    await english.add(["rug"])
    assert await english.outdated(9) == ["lamp"]
    await english.add(["lamp"])
    assert await english.outdated(9) == []

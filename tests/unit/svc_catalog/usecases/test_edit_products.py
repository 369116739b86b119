"""Lists page by page, and changes on the right version only."""

import asyncio
from collections.abc import Iterator
from itertools import count

import pytest

from chassis.currencies import Money
from chassis.errors import InvalidField, NotFound
from svc_catalog.model.products import VersionConflict
from svc_catalog.model.stock import StockLine
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.edit_products import Edit, EditProducts
from svc_catalog.usecases.reserve_stock import ReserveStock
from svc_catalog.usecases.search_products import SearchProducts
from tests.unit.svc_catalog.fakes import (
    FakeCategoryStore,
    FakeImageStore,
    FakeProductStore,
    FakeVocabulary,
)
from tests.unit.svc_catalog.samples import NOON, fields, product

pytestmark = pytest.mark.anyio


@pytest.fixture
def store() -> FakeProductStore:
    return FakeProductStore()


@pytest.fixture
def images() -> FakeImageStore:
    return FakeImageStore()


@pytest.fixture
def products(store: FakeProductStore, images: FakeImageStore) -> EditProducts:
    numbers: Iterator[int] = count(1)
    searching = SearchProducts(FakeVocabulary(), "english")
    return EditProducts(
        store,
        images,
        FakeCategoryStore(),
        searching,
        CountProducts(store),
        "USD",
        clock=lambda: NOON,
        new_id=lambda: f"p{next(numbers)}",
    )


async def test_a_new_product_is_announced(products: EditProducts, store: FakeProductStore) -> None:
    created = await products.create(fields(title=" Lamp "), "admin")
    assert (created.version, created.available, created.fields.title) == (1, 10, "Lamp")
    assert created.user_id == "admin"
    assert [(each.topic, each.product) for each in store.announced] == [
        ("product.created", created)
    ]


async def test_a_picture_must_have_been_uploaded(
    products: EditProducts, images: FakeImageStore
) -> None:
    with pytest.raises(InvalidField) as refusal:
        await products.create(fields(image_key="a" * 64), "admin")
    assert refusal.value.field == "image_key"
    await images.put("a" * 64, {640: b"webp"})
    assert (await products.create(fields(image_key="a" * 64), "admin")).fields.image_key


async def test_a_lost_update_gets_the_current_product(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1"))
    await products.update("p1", fields(title="First"), 1)
    with pytest.raises(VersionConflict) as refusal:
        await products.update("p1", fields(title="Second"), 1)
    assert refusal.value.current.fields.title == "First"
    assert refusal.value.current.version == 2


async def test_an_update_that_is_overtaken_in_the_write_is_refused(
    products: EditProducts, store: FakeProductStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.insert(product("p1"))
    write = store.replace

    async def overtaken(changed: object) -> bool:
        await store.reserve("o1", StockLine("p1", 1), "t", NOON)
        return await write(changed)  # type: ignore[arg-type]  # as it came

    monkeypatch.setattr(store, "replace", overtaken)
    with pytest.raises(VersionConflict) as refusal:
        await products.update("p1", fields(), 1)
    assert refusal.value.current.reserved == 1


async def test_an_edit_leaves_what_was_sold_meanwhile_sold(
    products: EditProducts, store: FakeProductStore
) -> None:
    """Stock 10; two are bought while an admin types; the description is saved at the first try."""
    await store.insert(product("p1", quantity=10))
    stock = ReserveStock(store, CountProducts(store), lambda: NOON, lambda: "token")
    await stock.reserve("o1", [StockLine("p1", 2)])
    await stock.sell("o1", [StockLine("p1", 2)])
    await stock.reserve("o2", [StockLine("p1", 1)])
    edited = await products.edit("p1", Edit({"description": "Warmer"}, details_version=1))
    assert (edited.fields.description, edited.fields.quantity) == ("Warmer", 8)
    assert (edited.available, edited.version, edited.details_version) == (7, 5, 2)


async def test_edits_of_different_fields_merge(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1"))
    await products.edit("p1", Edit({"title": "Theirs"}, details_version=1))
    edited = await products.edit("p1", Edit({"price": Money(1, "USD")}, details_version=1))
    assert (edited.fields.title, edited.fields.price.amount_minor) == ("Theirs", 1)
    assert edited.details_version == 3


async def test_edits_of_one_field_collide_unless_they_agree(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1"))
    await products.edit("p1", Edit({"title": "Theirs"}, details_version=1))
    mine = {"title": "Mine", "category": "Rugs"}
    with pytest.raises(VersionConflict) as refusal:
        await products.edit("p1", Edit(mine, details_version=1))
    assert refusal.value.fields == ("title",)
    assert refusal.value.current.fields.title == "Theirs"
    agreed = {"title": "Theirs", "category": "Rugs"}
    assert (await products.edit("p1", Edit(agreed, details_version=1))).details_version == 3
    assert (await products.edit("p1", Edit(mine))).fields.title == "Mine"


async def test_a_replacement_counts_as_an_edit_of_what_it_changes(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1"))
    await products.update("p1", fields(title="Theirs"), 1)
    await products.edit("p1", Edit({"category": "Rugs"}, details_version=1))
    with pytest.raises(VersionConflict):
        await products.edit("p1", Edit({"title": "Mine"}, details_version=1))


async def test_stock_changes_by_a_difference_within_what_there_is(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1", quantity=10, reserved=4))
    assert (await products.edit("p1", Edit({}, 5))).fields.quantity == 15
    assert (await products.edit("p1", Edit({}, -11))).available == 0
    for change, what in [(-1, "at least 0"), (1_000_000, "at most 999996")]:
        with pytest.raises(InvalidField, match=what) as refusal:
            await products.edit("p1", Edit({}, change))
        assert refusal.value.field == "quantity_change"


async def test_an_edit_that_is_sent_again_changes_nothing_more(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1", quantity=10))
    for _ in range(2):
        edited = await products.edit("p1", Edit({}, 5, key="k"))
        assert edited.fields.quantity == 15


async def test_an_edit_of_a_version_refuses_any_change_since(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1"))
    await store.reserve("o1", StockLine("p1", 1), "t", NOON)
    with pytest.raises(VersionConflict):
        await products.edit("p1", Edit({"title": "Mine"}, version=1))
    assert (await products.edit("p1", Edit({"title": "Mine"}, version=2))).version == 3


async def test_an_edit_that_changes_nothing_is_not_announced(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1"))
    same = await products.edit("p1", Edit({"title": "Brass lamp"}, details_version=1))
    assert same.version == 1
    assert [each.topic for each in store.announced] == ["product.created"]


async def test_edits_are_checked(products: EditProducts, store: FakeProductStore) -> None:
    await store.insert(product("p1", image_key="a" * 64))
    wrong = {"title": " ", "price": Money(1, "EUR"), "image_key": "b" * 64}
    for name, value in wrong.items():
        with pytest.raises(InvalidField) as refusal:
            await products.edit("p1", Edit({name: value}))
        assert refusal.value.field.startswith(name)
    assert (await products.edit("p1", Edit({"title": " Lamp "}))).fields.title == "Lamp"


async def test_many_admins_at_once_lose_nothing(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1", quantity=0))
    await asyncio.gather(*(products.edit("p1", Edit({}, 1)) for _ in range(20)))
    names = ("title", "description", "category")
    await asyncio.gather(
        *(products.edit("p1", Edit({name: "new"}, details_version=1)) for name in names)
    )
    found = await products.get("p1")
    assert found.fields.quantity == 20
    assert [getattr(found.fields, name) for name in names] == ["new"] * 3


async def test_a_deleted_product_is_gone_for_everyone(
    products: EditProducts, store: FakeProductStore
) -> None:
    await store.insert(product("p1"))
    await products.delete("p1")
    await products.delete("p1")
    with pytest.raises(NotFound):
        await products.get("p1")
    with pytest.raises(NotFound):
        await products.update("p1", fields(), 2)
    assert [each.topic for each in store.announced] == ["product.created", "product.deleted"]


async def test_what_never_was_can_not_be_deleted(products: EditProducts) -> None:
    with pytest.raises(NotFound):
        await products.delete("ghost")


async def test_categories_that_differ_in_case_or_accents_are_one(
    products: EditProducts, store: FakeProductStore
) -> None:
    first = await products.create(fields(category="Zebra"), "admin")
    created = await products.create(fields(category=" zebra "), "admin")
    await store.insert(product("old", category="Rugs"))
    edited = await products.edit("old", Edit({"category": "ZÉBRA"}))
    replaced = await products.update("old", fields(category="zebra"), edited.version)
    for each in (first, created, edited, replaced):
        assert each.fields.category == "Zebra"

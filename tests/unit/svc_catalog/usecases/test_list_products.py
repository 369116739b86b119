"""Lists page by page."""

import pytest

from chassis.errors import InvalidField
from chassis.rpc.paging import encode_page_token
from svc_catalog.model.search import Filters, Sort
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.list_products import ListProducts
from svc_catalog.usecases.search_products import SearchProducts
from tests.unit.svc_catalog.fakes import FakeCategoryStore, FakeProductStore, FakeVocabulary
from tests.unit.svc_catalog.samples import product

pytestmark = pytest.mark.anyio


@pytest.fixture
def store() -> FakeProductStore:
    return FakeProductStore()


@pytest.fixture
def categories() -> FakeCategoryStore:
    return FakeCategoryStore()


@pytest.fixture
def list_products(store: FakeProductStore, categories: FakeCategoryStore) -> ListProducts:
    searching = SearchProducts(FakeVocabulary(), "english")
    return ListProducts(store, categories, searching, CountProducts(store))


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_have_every_product_once(
    list_products: ListProducts, store: FakeProductStore, sort: Sort
) -> None:
    for number in range(7):
        await store.insert(product(f"p{number}", minutes=number // 2, title=f"Lamp {number // 3}"))
    seen: list[str] = []
    token = ""
    while True:
        page = await list_products("", Filters(), sort, 3, token)
        seen += [each.id for each in page.products]
        assert page.total_size == 7
        token = page.next_page_token
        if not token:
            break
    assert sorted(seen) == [f"p{number}" for number in range(7)]
    whole = await list_products("", Filters(), sort, 100, "")
    assert seen == [each.id for each in whole.products]


async def test_facets_count_over_all_filters_but_the_category(
    list_products: ListProducts, store: FakeProductStore
) -> None:
    await store.insert(product("a", category="Lighting", quantity=1))
    await store.insert(product("b", category="Kitchen", quantity=1))
    await store.insert(product("c", category="Kitchen", quantity=0))
    page = await list_products("", Filters(category="Lighting", in_stock=True), Sort.NEWEST, 0, "")
    assert [each.id for each in page.products] == ["a"]
    assert page.total_size == 1
    assert page.categories == {"Kitchen": 1, "Lighting": 1}


async def test_a_token_is_good_for_its_own_list_only(
    list_products: ListProducts, store: FakeProductStore
) -> None:
    for number in range(3):
        await store.insert(product(f"p{number}"))
    token = (await list_products("", Filters(), Sort.NEWEST, 2, "")).next_page_token
    for filters, sort in [(Filters(category="x"), Sort.NEWEST), (Filters(), Sort.TITLE)]:
        with pytest.raises(InvalidField) as refusal:
            await list_products("", filters, sort, 2, token)
        assert refusal.value.field == "page_token"


async def test_a_forged_time_is_refused(list_products: ListProducts) -> None:
    token = encode_page_token(f"{''!r} {Filters()!r} {Sort.NEWEST}", (0, 2**62, "p"))
    with pytest.raises(InvalidField) as refusal:
        await list_products("", Filters(), Sort.NEWEST, 2, token)
    assert refusal.value.field == "page_token"


async def test_prices_that_contradict_each_other_are_refused(list_products: ListProducts) -> None:
    with pytest.raises(InvalidField) as refusal:
        await list_products("", Filters(min_price=2, max_price=1), Sort.NEWEST, 0, "")
    assert refusal.value.field == "max_price"


async def test_a_category_is_asked_for_in_any_spelling(
    list_products: ListProducts, store: FakeProductStore, categories: FakeCategoryStore
) -> None:
    await categories.keep("Zebra", "a")
    await store.insert(product("a", category="Zebra"))
    page = await list_products("", Filters(category="zébra"), Sort.NEWEST, 0, "")
    assert (page.total_size, page.categories) == (1, {"Zebra": 1})

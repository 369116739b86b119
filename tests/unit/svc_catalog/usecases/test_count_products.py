"""What is counted once, and when it is counted again."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import pytest

from svc_catalog.model.search import Filters
from svc_catalog.usecases.count_products import MAX_COUNTED, CountProducts
from tests.unit.svc_catalog.fakes import FakeProductStore
from tests.unit.svc_catalog.samples import product

pytestmark = pytest.mark.anyio

ALL = Filters()
IN_STOCK = Filters(in_stock=True)


class CountingStore(FakeProductStore):
    """Knows how often it was asked; `time` goes on by `seconds` with each count."""

    asked = 0
    time = 0.0
    seconds = 0.0

    async def counts(self, filters: Filters) -> Mapping[str, int]:
        self.asked += 1
        counted = await super().counts(filters)
        self.time += self.seconds
        await asyncio.sleep(0)
        return counted


@pytest.fixture
def store() -> CountingStore:
    return CountingStore(products={"lamp": product("lamp", category="Lighting", quantity=2)})


@pytest.fixture
def count(store: CountingStore) -> CountProducts:
    return CountProducts(store, lambda: store.time)


async def test_all_who_ask_at_once_and_soon_after_get_one_count(
    count: CountProducts, store: CountingStore
) -> None:
    answers = await asyncio.gather(*(count(ALL) for _ in range(9)), count(Filters(category="x")))
    store.time += 0.9
    assert [*answers, await count(ALL)] == [{"Lighting": 1}] * 11
    assert store.asked == 1
    store.time += 0.2
    await count(ALL)
    assert store.asked == 2


async def test_what_takes_long_is_kept_longer(count: CountProducts, store: CountingStore) -> None:
    store.seconds = 2.0
    await count(ALL)
    store.time += 99
    await count(ALL)
    assert store.asked == 1
    store.time += 2
    await count(ALL)
    assert store.asked == 2


async def test_a_change_of_products_counts_at_once(
    count: CountProducts, store: CountingStore
) -> None:
    assert await count(ALL) == {"Lighting": 1}
    with count.changing_products():
        await store.insert(product("vase", category="Kitchen"))
    assert await count(ALL) == {"Lighting": 1, "Kitchen": 1}


async def test_a_write_that_fails_may_have_been_done(
    count: CountProducts, store: CountingStore
) -> None:
    await count(ALL)
    with suppress(TimeoutError), count.changing_products():
        await store.insert(product("vase", category="Kitchen"))
        raise TimeoutError
    assert await count(ALL) == {"Lighting": 1, "Kitchen": 1}


async def test_a_count_that_began_before_a_change_is_not_kept(
    count: CountProducts, store: CountingStore
) -> None:
    under_way = asyncio.create_task(count(ALL))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert store.asked == 1
    with count.changing_products():
        await store.insert(product("vase", category="Kitchen"))
    assert await count(ALL) == {"Lighting": 1, "Kitchen": 1}
    assert await under_way == {"Lighting": 1}
    assert await count(ALL) == {"Lighting": 1, "Kitchen": 1}


async def test_a_change_of_stock_counts_only_where_stock_is_asked_for(
    count: CountProducts, store: CountingStore
) -> None:
    assert (await count(ALL), await count(IN_STOCK)) == ({"Lighting": 1}, {"Lighting": 1})
    with count.changing_stock():
        store.products["lamp"] = product("lamp", category="Lighting", quantity=0)
    assert (await count(ALL), await count(IN_STOCK)) == ({"Lighting": 1}, {})
    assert store.asked == 3


async def test_an_error_is_not_kept(count: CountProducts, store: CountingStore) -> None:
    store.products = {"broken": None}  # type: ignore[dict-item]  # what counts fail with
    with pytest.raises(AttributeError):
        await count(ALL)
    store.products = {}
    assert await count(ALL) == {}


async def test_only_so_many_counts_are_kept(count: CountProducts, store: CountingStore) -> None:
    for price in range(MAX_COUNTED + 1):
        await count(Filters(min_price=price))
    store.asked = 0
    await count(Filters(min_price=MAX_COUNTED))
    assert store.asked == 0
    await count(Filters(min_price=0))
    assert store.asked == 1

"""The port ProductReplica."""

import asyncio

import pytest

from svc_cart.model.products import Product
from svc_cart.usecases.ports import ProductReplica
from tests.unit.svc_cart.samples import product, usd

pytestmark = pytest.mark.anyio


async def test_products_come_back(replica: ProductReplica) -> None:
    await replica.put(product("lamp"))
    await replica.put(product("vase", image_url="", available=0))
    found = await replica.get(["lamp", "vase", "ghost"])
    assert found == {"lamp": product("lamp"), "vase": product("vase", image_url="", available=0)}


async def test_only_what_is_newer_is_taken(replica: ProductReplica) -> None:
    newer = product("lamp", version=3, price=usd(3))
    for each in (product("lamp", version=2), newer, product("lamp", version=3), product("lamp")):
        await replica.put(each)
    assert await replica.get(["lamp"]) == {"lamp": newer}


async def test_a_deletion_keeps_what_it_was_called(replica: ProductReplica) -> None:
    await replica.put(product("lamp", version=2))
    await replica.delete("lamp", 2)
    assert not (await replica.get(["lamp"]))["lamp"].deleted
    await replica.delete("lamp", 3)
    await replica.put(product("lamp", version=2))
    assert await replica.get(["lamp"]) == {"lamp": product("lamp", version=3, deleted=True)}


async def test_a_deletion_that_comes_first(replica: ProductReplica) -> None:
    await replica.delete("lamp", 3)
    await replica.put(product("lamp", version=2))
    assert await replica.get(["lamp"]) == {"lamp": Product("lamp", version=3, deleted=True)}


async def test_parallel_news_end_with_the_newest(replica: ProductReplica) -> None:
    versions = [product("lamp", version=number) for number in range(1, 16)]
    await asyncio.gather(*map(replica.put, versions[::2] + versions[1::2]))
    assert await replica.get(["lamp"]) == {"lamp": versions[-1]}

"""What the port Products promises."""

import asyncio

import pytest

from svc_orders.usecases.ports import Product, Products
from tests.unit.svc_orders.world import product

pytestmark = pytest.mark.anyio


async def test_what_is_put_is_there(products: Products) -> None:
    await products.put(product("lamp"))
    await products.put(product("vase"))
    assert await products.get(["lamp", "ghost"]) == {"lamp": product("lamp")}
    assert await products.get([]) == {}


async def test_the_newest_version_wins_whatever_the_order(products: Products) -> None:
    versions = [3, 1, 5, 2, 4, 5]
    for version in versions:
        await products.put(product("lamp", price=version, version=version))
    assert await products.get(["lamp"]) == {"lamp": product("lamp", price=5, version=5)}


async def test_the_newest_version_wins_in_a_race(products: Products) -> None:
    await asyncio.gather(
        *(products.put(product("lamp", price=version, version=version)) for version in range(1, 11))
    )
    assert await products.get(["lamp"]) == {"lamp": product("lamp", price=10, version=10)}


async def test_a_deletion_is_a_version_too(products: Products) -> None:
    await products.put(product("lamp"))
    await products.put(Product("lamp", version=2, deleted=True))
    await products.put(product("lamp", version=1))
    assert (await products.get(["lamp"]))["lamp"].deleted

"""What the ports Orders, Titles and ProcessedEvents promise."""

import asyncio
from dataclasses import replace

import pytest

from svc_payments.usecases.ports import Orders, ProcessedEvents, Titles
from tests.unit.svc_payments.world import NOON, order

pytestmark = pytest.mark.anyio


async def test_an_order_is_kept_whole(orders: Orders) -> None:
    await orders.put(order())
    assert await orders.get("o1") == order()
    assert await orders.get("o2") is None


async def test_the_newest_order_wins_whatever_the_order(orders: Orders) -> None:
    ended = replace(order(), is_pending=False, expires_at=None, version=7)
    for each in (order(), ended, order(), replace(order(), version=6)):
        await orders.put(each)
    assert await orders.get("o1") == ended


async def test_the_newest_order_wins_in_a_race(orders: Orders) -> None:
    versions = [replace(order(), version=version) for version in range(1, 11)]
    await asyncio.gather(*map(orders.put, versions))
    assert await orders.get("o1") == versions[-1]


async def test_the_newest_title_wins(titles: Titles) -> None:
    for title, version in (("Lamp", 2), ("Old lamp", 1), ("Brass lamp", 3), ("Lamp", 2)):
        await titles.put("lamp", title, version)
    await titles.put("vase", "Vase", 1)
    assert await titles.get(["lamp", "vase", "ghost"]) == {"lamp": "Brass lamp", "vase": "Vase"}


async def test_a_notice_is_remembered(processed: ProcessedEvents) -> None:
    assert not await processed.contains("evt_1")
    for _ in range(2):
        await processed.add("evt_1", NOON)
    assert await processed.contains("evt_1")
    assert not await processed.contains("evt_2")

"""What the port UnpaidOrders promises."""

import asyncio
from dataclasses import replace

import pytest

from svc_orders.model.unpaid import Unpaid, UnpaidOrder
from svc_orders.usecases.ports import UnpaidOrders

pytestmark = pytest.mark.anyio

HELD = UnpaidOrder("o1", (("lamp", 2), ("vase", 1)))


async def test_it_comes_back_whole(unpaid: UnpaidOrders) -> None:
    assert await unpaid.get("ann") == Unpaid("ann")
    assert await unpaid.save(Unpaid("ann", (HELD,)))
    first = await unpaid.get("ann")
    assert first == Unpaid("ann", (HELD,), version=1)
    assert await unpaid.save(replace(first, held=()))
    assert await unpaid.get("ann") == Unpaid("ann", version=2)
    assert await unpaid.get("ben") == Unpaid("ben")


async def test_one_of_many_writes_of_a_version_wins(unpaid: UnpaidOrders) -> None:
    for version in range(2):
        before = await unpaid.get("ann")
        assert before.version == version
        grown = replace(before, held=(HELD,))
        written = await asyncio.gather(*(unpaid.save(grown) for _ in range(10)))
        assert sum(written) == 1

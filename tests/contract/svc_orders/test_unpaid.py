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


def held(order_id: str, *product_ids: str) -> UnpaidOrder:
    return UnpaidOrder(order_id, tuple((each, 1) for each in product_ids))


async def test_an_order_is_added_where_the_write_can_tell_that_there_is_room(
    unpaid: UnpaidOrders,
) -> None:
    assert await unpaid.add("ann", HELD, limit=2)
    assert await unpaid.get("ann") == Unpaid("ann", (HELD,), version=1)
    for refused in (HELD, held("o2", "vase"), held("o2", "cup", "lamp")):
        assert not await unpaid.add("ann", refused, limit=2)
    assert await unpaid.add("ann", held("o2", "cup"), limit=2)
    assert not await unpaid.add("ann", held("o3", "mug"), limit=2)
    both = (HELD, held("o2", "cup"))
    assert await unpaid.get("ann") == Unpaid("ann", both, version=2)
    assert await unpaid.save(Unpaid("ann", both, version=2))
    assert await unpaid.add("ben", HELD, limit=1)


async def test_orders_that_are_added_at_once_do_not_pass_the_limit(unpaid: UnpaidOrders) -> None:
    for version in (0, 3):
        added = await asyncio.gather(
            *(
                unpaid.add("ann", held(f"o{version}{number}", f"p{version}{number}"), version + 3)
                for number in range(10)
            )
        )
        after = await unpaid.get("ann")
        # The first writes of an account may find each other's; all others wait for none.
        assert sum(added) == len(after.held) - version <= 3
        assert sum(added) >= 1
        assert after.version == len(after.held)
        while len(after.held) < version + 3:
            number = len(after.held)
            assert await unpaid.add("ann", held(f"more{number}", f"more{number}"), version + 3)
            after = await unpaid.get("ann")

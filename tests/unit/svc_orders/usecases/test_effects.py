"""What the catalog is asked to do is preceded by a write of its order, which a majority has."""

from contextlib import suppress
from typing import cast

import pytest

from chassis.errors import Refusal
from svc_orders.usecases.reserve_stock import LEASE
from tests.support.tracing import Trace
from tests.unit.svc_orders.killing import Fuse, Killed
from tests.unit.svc_orders.usecases.test_crashes import CASES, attempt, world_at
from tests.unit.svc_orders.world import LIFETIME

pytestmark = pytest.mark.anyio

WRITES = {"FakeOrders.insert", "FakeOrders.save", "FakeOrders.lease"}
# Orders that have ended never come back.
FINALS = {"FakeOrders.to_release"}
EFFECTS = {"FakeCatalog.reserve", "FakeCatalog.release"}


@pytest.mark.parametrize("case", CASES)
async def test_an_order_is_written_before_its_stock_is_touched(case: str) -> None:
    world = world_at(case)
    trace = Trace()
    world.process = world.start(cast("Fuse", trace))
    await attempt(world.process, case)
    world.pass_time(seconds=2 * LIFETIME.total_seconds())
    await world.sweep()
    assert EFFECTS & {call.method for call in trace.calls}
    assert list(trace.unguarded(EFFECTS, WRITES, FINALS)) == []


@pytest.mark.parametrize("case", CASES)
async def test_a_sweep_writes_before_it_goes_on_with_what_another_process_began(case: str) -> None:
    for at in range(1, 8):
        for late in (LEASE, LIFETIME):
            world = world_at(case)
            with suppress(Killed, Refusal):
                await attempt(world.start(Fuse(at, after=True)), case)
            world.pass_time(seconds=late.total_seconds())
            trace = Trace()
            world.process = world.start(cast("Fuse", trace))
            await world.sweep()
            await world.sweep()
            assert list(trace.unguarded(EFFECTS, WRITES, FINALS)) == []

"""What is done at Stripe is preceded by a write of its payment, which a majority has."""

from contextlib import suppress
from typing import cast

import pytest

from chassis.errors import Refusal
from tests.support.tracing import Trace
from tests.unit.svc_orders.killing import Fuse
from tests.unit.svc_payments.usecases.test_crashes import CASES
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio

WRITES = {"FakePayments.insert", "FakePayments.save", "FakePayments.lease"}
EFFECTS = {"FakeStripe.charge", "FakeStripe.cancel", "FakeStripe.refund"}


@pytest.mark.parametrize("case", CASES)
async def test_a_payment_is_written_before_stripe_acts_on_it(case: str) -> None:
    before, step = CASES[case]
    world = World(looks=2)
    await before(world)
    trace = Trace()
    with suppress(Refusal):
        await step(world, world.start(cast("Fuse", trace)))
    world.process = world.start(cast("Fuse", trace))
    await world.settle_down()
    assert list(trace.unguarded(EFFECTS, WRITES)) == []


async def test_the_trace_would_find_a_charge_without_a_write() -> None:
    world = World(looks=2)
    trace = Trace()
    process = world.start(cast("Fuse", trace))
    await world.pay(process=process)
    (call,) = [each for each in trace.calls if each.method == "FakeStripe.charge"]
    assert list(trace.unguarded({call.method}, ())) == [call]

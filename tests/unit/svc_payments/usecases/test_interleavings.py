"""Two calls that run at once: in every order of their calls to the outside, money moves once."""

import pytest

from svc_payments.model.orders import Money
from svc_payments.model.payment import Payment
from tests.unit.interleaving import Turns, every_interleaving
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio


async def test_two_refunds_with_one_key_are_one() -> None:
    async def run(turns: Turns) -> None:
        world = World()
        await world.pay()
        outcomes = await turns.both(
            *(
                world.start(turns).refund("p001", Money(500, "USD"), restock=False, key="k")
                for _ in range(2)
            )
        )
        assert all(isinstance(each, Payment) for each in outcomes)
        await world.settle_down()
        assert world.stripe.net_charges("o1") == [1500]
        world.check_books()

    assert await every_interleaving(run) > 10

"""Looking at payments."""

import pytest

from chassis.errors import NotFound
from svc_payments.model.payment import PaymentStatus
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio


async def test_a_payment_is_its_owners() -> None:
    world = World()
    payment = await world.pay()
    assert await world.process.get("ann", payment.id) == payment
    for user, payment_id in (("ben", payment.id), ("ann", "nothing")):
        with pytest.raises(NotFound):
            await world.process.get(user, payment_id)


async def test_looking_at_an_open_payment_asks_stripe() -> None:
    world = World()
    payment = await world.pay("secure")
    world.stripe.answer_challenge("pi_1", passed=True)
    world.stripe.away = True
    assert await world.process.get("ann", payment.id) == payment
    world.stripe.away = False
    assert (await world.process.get("ann", payment.id)).status is PaymentStatus.SUCCEEDED

"""What Stripe is asked for, where its answer does not matter."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from svc_payments.model.payment import Payment
from svc_payments.peers.stripe_api import CALLS_PER_CHARGE, StripeApi
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("timeout", [timedelta(seconds=8), timedelta(minutes=5)])
async def test_a_charge_is_looked_for_as_long_as_it_may_be_made(timeout: timedelta) -> None:
    world = World()
    await world.pay()
    payment: Payment = world.only()
    asked: list[Any] = []

    async def listed(params: Any) -> Any:
        asked.append(params["created"])
        return SimpleNamespace(auto_paging_iter=_none)

    repeat_for = timedelta(minutes=3)
    api = StripeApi("sk_test_x", timeout=timeout, repeat_for=repeat_for)
    api._intents = SimpleNamespace(list_async=listed)  # type: ignore[assignment]  # all it asks
    assert await api.find(payment) is None
    await api.close()
    last_call_ends = payment.created_at + repeat_for + CALLS_PER_CHARGE * timeout
    [created] = asked
    assert created["gte"] <= payment.created_at.timestamp()
    assert created["lte"] >= last_call_ends.timestamp()


async def _none() -> Any:
    for _ in ():
        yield _

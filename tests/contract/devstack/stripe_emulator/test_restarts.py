"""Webhooks, kills and restarts: what the emulator keeps, it keeps in its file."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stripe

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams

    from tests.contract.devstack.stripe_emulator.conftest import Emulator

    Order = Callable[..., PaymentIntentCreateParams]
    Arrival = Callable[[str, str], stripe.Event]

pytestmark = [
    pytest.mark.anyio,
    # The library hands its form to httpx by a name that httpx deprecates.
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]


async def test_webhooks_are_signed_and_repeated_until_accepted(
    client: stripe.StripeClient, arrival: "Arrival", refuse_once: Callable[[str], None]
) -> None:
    refuse_once("payment_intent.canceled")
    intent = await client.v1.payment_intents.create_async({"amount": 500, "currency": "usd"})
    await client.v1.payment_intents.cancel_async(intent.id)

    first, second = (arrival("payment_intent.canceled", intent.id) for _ in range(2))
    assert first.id == second.id


async def test_a_refund_and_its_failure_are_announced(
    client: stripe.StripeClient, emulator: "Emulator", order: "Order", arrival: "Arrival"
) -> None:
    intent = await client.v1.payment_intents.create_async(order("pm_card_visa"))
    refund = await client.v1.refunds.create_async({"payment_intent": intent.id})
    assert arrival("refund.created", refund.id).data.object["payment_intent"] == intent.id

    emulator.fail_refund(refund.id)

    failed = arrival("refund.failed", refund.id).data.object
    assert (failed["status"], failed["payment_intent"]) == ("failed", intent.id)


async def test_a_kill_after_the_charge_does_not_charge_twice(
    client: stripe.StripeClient, emulator: "Emulator", order: "Order"
) -> None:
    emulator.switch_on(kind="timeout_after_charge", seconds=60)
    hasty = stripe.StripeClient(
        "sk_test_contract",
        base_addresses={"api": emulator.url},
        http_client=stripe.HTTPXClient(timeout=0.5),
        max_network_retries=0,
    )
    form = order("pm_card_visa", order_id="killed")
    with pytest.raises(stripe.APIConnectionError):
        await hasty.v1.payment_intents.create_async(form, {"idempotency_key": "kill"})

    emulator.stop(signal.SIGKILL)
    emulator.start()

    intent = await client.v1.payment_intents.create_async(form, {"idempotency_key": "kill"})
    assert intent.status == "succeeded"
    assert emulator.net_charges("killed") == [1999]


async def test_waiting_webhooks_go_on_after_a_restart(
    client: stripe.StripeClient, emulator: "Emulator", order: "Order", arrival: "Arrival"
) -> None:
    emulator.switch_on(kind="webhook_late", seconds=1, match={"type": "payment_intent.succeeded"})
    intent = await client.v1.payment_intents.create_async(order("pm_card_visa"))

    assert emulator.stop() == 0
    emulator.start()

    arrival("payment_intent.succeeded", intent.id)


def test_a_taken_port_is_one_line(emulator: "Emulator", tmp_path: Path) -> None:
    command = [sys.executable, "-m", "devstack.stripe_emulator", "--port", str(emulator.port)]
    second = subprocess.run(
        [*command, "--data", str(tmp_path / "s.db")], capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert len(second.stderr.splitlines()) == 1
    assert "in use" in second.stderr

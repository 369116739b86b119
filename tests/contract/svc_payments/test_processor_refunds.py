"""What the port Processor promises of refunds: on the fake, and on the emulator of Stripe."""

from dataclasses import replace

import pytest

from chassis.clock import utcnow
from chassis.ids import new_id
from svc_payments.model.refunds import Refund, RefundStatus, StripeRefund
from svc_payments.peers.stripe_api import StripeApi
from svc_payments.usecases.ports import OutcomeUnknown, RefundRefused
from tests.contract.svc_payments.conftest import CARDS, ProcessorUnderTest
from tests.contract.svc_payments.test_processor import charged, payment
from tests.support.stripe import Emulator

pytestmark = pytest.mark.anyio


def refund(amount_minor: int) -> Refund:
    return Refund(new_id(), "", amount_minor, restock=False, begun_at=utcnow())


async def test_a_refund_can_be_repeated(processor: ProcessorUnderTest) -> None:
    paid = await charged(processor)
    part = refund(500)
    assert await processor.port.refunds(paid) in ((), [])
    made = await processor.port.refund(paid, part)
    assert made == StripeRefund(made.id, part.id, 500)
    assert await processor.port.refund(paid, part) == made
    assert list(await processor.port.refunds(paid)) == [made]
    rest = await processor.port.refund(paid, refund(1500))
    assert {each.id for each in await processor.port.refunds(paid)} == {made.id, rest.id}


async def test_no_more_goes_back_than_was_captured(processor: ProcessorUnderTest) -> None:
    paid = await charged(processor)
    await processor.port.refund(paid, refund(500))
    with pytest.raises(RefundRefused):
        await processor.port.refund(paid, refund(1501))
    await processor.port.refund(paid, refund(1500))
    for _ in range(2):
        with pytest.raises(RefundRefused):
            await processor.port.refund(paid, refund(1))


async def test_another_attempt_of_what_went_back_is_refused(processor: ProcessorUnderTest) -> None:
    paid = await charged(processor)
    whole = refund(2000)
    made = await processor.port.refund(paid, whole)
    with pytest.raises(RefundRefused):
        await processor.port.refund(paid, replace(whole, attempt=2))
    assert list(await processor.port.refunds(paid)) == [made]


async def test_a_refund_made_by_hand_is_nobodys_of_ours(processor: ProcessorUnderTest) -> None:
    paid = await charged(processor)
    by_hand = processor.refund_by_hand(paid.stripe_id, 500)
    assert list(await processor.port.refunds(paid)) == [StripeRefund(by_hand, "", 500)]
    with pytest.raises(RefundRefused):
        await processor.port.refund(paid, refund(2000))


async def test_what_does_not_arrive_can_be_given_back_again(processor: ProcessorUnderTest) -> None:
    paid = await charged(processor)
    whole = refund(2000)
    made = await processor.port.refund(paid, whole)
    processor.fail_refund(made.id)
    failed = replace(made, status=RefundStatus.FAILED, detail="expired_or_canceled_card")
    assert list(await processor.port.refunds(paid)) == [failed]
    # The key answers as it did.
    assert await processor.port.refund(paid, whole) == made
    again = await processor.port.refund(paid, refund(2000))
    assert {each.id for each in await processor.port.refunds(paid)} == {made.id, again.id}
    with pytest.raises(RefundRefused):
        await processor.port.refund(paid, refund(1))


async def test_a_refund_on_its_way_counts_and_may_not_arrive(
    processor: ProcessorUnderTest,
) -> None:
    paid = await charged(processor, "late refund")
    made = await processor.port.refund(paid, refund(2000))
    assert made.status is RefundStatus.SUCCEEDED
    with pytest.raises(RefundRefused):
        await processor.port.refund(paid, refund(1))
    processor.fail_refund(made.id)
    (failed,) = await processor.port.refunds(paid)
    assert failed.status is RefundStatus.FAILED


# What only Stripe's library and the emulator can show.


async def test_a_refund_without_an_answer_is_found(stripe_api: StripeApi, stripe: Emulator) -> None:
    new = payment(CARDS["visa"])
    paid = replace(new, stripe_id=(await stripe_api.charge(new)).id)
    part = refund(500)
    stripe.switch_on("error_500", times=2)
    with pytest.raises(OutcomeUnknown):
        await stripe_api.refund(paid, part)
    stripe.clear()
    (found,) = await stripe_api.refunds(paid)
    assert (found.refund_id, found.amount_minor) == (part.id, 500)
    assert stripe.net_charges(new.order_id) == [1500]


async def test_more_refunds_than_a_page_holds(stripe_api: StripeApi, stripe: Emulator) -> None:
    new = payment(CARDS["visa"])
    paid = replace(new, stripe_id=(await stripe_api.charge(new)).id)
    made = {stripe.refund_by_hand(paid.stripe_id, 1) for _ in range(101)}
    found = await stripe_api.refunds(paid)
    assert {each.id for each in found} == made
    assert len(found) == len(made)

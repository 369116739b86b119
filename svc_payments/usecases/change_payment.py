"""Changing a payment: load, decide, write if nobody else wrote; else look again."""

from collections.abc import Callable

from chassis.errors import NotFound, Unavailable
from svc_payments.model.payment import Change, Payment
from svc_payments.usecases.ports import Payments

TRIES = 10


async def change(
    payments: Payments, payment_id: str, decide: Callable[[Payment], Change | None]
) -> Payment:
    """Apply `decide` to the payment as it is, until its result could be written.

    Returns:
        The payment after it; as it is where `decide` found nothing to do.

    Raises:
        NotFound: There is no such payment; also whatever `decide` raises.
        Unavailable: Others keep changing the payment.
    """
    for _ in range(TRIES):
        payment = await payments.get(payment_id)
        if payment is None:
            raise NotFound("There is no such payment.")
        changed = decide(payment)
        if changed is None:
            return payment
        if await payments.save(changed):
            return changed.payment
    raise Unavailable("The payment is being changed; try again.")

"""Stripe in memory: it keeps books, replays by idempotency key, and fails on demand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from typing import TypeVar

from svc_payments.model.intents import GIVEN_UP, Failure, FailureKind, Intent, IntentStatus
from svc_payments.model.payment import Payment
from svc_payments.model.refunds import Refund
from svc_payments.usecases.ports import ChargeRefused, OutcomeUnknown, RefundRefused

Answer = TypeVar("Answer")

DECLINED = Failure(FailureKind.DECLINED, "insufficient_funds", "Your card has insufficient funds.")
CHALLENGE_FAILED = Failure(
    FailureKind.DECLINED, "payment_intent_authentication_failure", "The bank said no."
)
BOGUS = Failure(FailureKind.INVALID_CARD, "resource_missing", "is not a card that can be charged")


class Fault(Enum):
    """What happens to a call that changes something."""

    LOST_BEFORE = auto()  # nothing happened, and no answer came
    LOST_AFTER = auto()  # it happened, and no answer came
    ERROR_BEFORE = auto()  # nothing happened; the key replays an internal error from now on
    ERROR_AFTER = auto()  # it happened; the key replays an internal error from now on


@dataclass
class Made:
    """An intent as Stripe has it."""

    id: str
    payment_id: str
    order_id: str
    amount: int
    status: IntentStatus
    failure: Failure = GIVEN_UP
    refunds: dict[str, int] = field(default_factory=dict)

    @property
    def net(self) -> int:
        captured = self.amount if self.status is IntentStatus.SUCCEEDED else 0
        return captured - sum(self.refunds.values())

    def seen(self) -> Intent:
        action = self.status is IntentStatus.REQUIRES_ACTION
        return Intent(
            self.id,
            self.status,
            self.payment_id,
            f"{self.id}_secret",
            f"https://bank/{self.id}" if action else "",
            self.failure,
        )


class FakeStripe:
    """What a card is called says what it does: see `_confirm`.

    Attributes:
        away: Nothing is answered, and nothing happens.
        deaf: Questions are not answered; what changes something is.
        faults: Taken by the next calls that change something, one each.
        refuses_refunds: Refunds are refused for a reason of Stripe's.
        meanwhile: Called when a charge has taken effect, before it is answered.
    """

    def __init__(self) -> None:
        self.intents: dict[str, Made] = {}
        self.away = False
        self.deaf = False
        self.faults: list[Fault] = []
        self.refuses_refunds = False
        self.meanwhile: Callable[[], None] = lambda: None
        self.charges = 0
        self._replies: dict[str, object] = {}
        self._ids = count(1)

    async def charge(self, payment: Payment) -> Intent:
        self.charges += 1
        intent = await self._once(payment.stripe_key, lambda: self._confirm(payment))
        self.meanwhile()
        return intent

    async def find(self, payment: Payment) -> Intent | None:
        await self._arrive()
        if self.deaf:
            raise OutcomeUnknown("deaf")
        found = (each for each in self.intents.values() if each.payment_id == payment.id)
        return next((each.seen() for each in found), None)

    async def retrieve(self, stripe_id: str) -> Intent:
        await self._arrive()
        return self.intents[stripe_id].seen()

    async def cancel(self, stripe_id: str) -> Intent:
        await self._arrive()
        made = self.intents[stripe_id]
        if made.status is not IntentStatus.SUCCEEDED:
            made.status = IntentStatus.CANCELED
        return made.seen()

    async def refund(self, payment: Payment, refund: Refund) -> str:
        made = self.intents[payment.stripe_id]
        return await self._once(refund.stripe_key, lambda: self._give_back(made, refund))

    async def find_refund(self, payment: Payment, refund: Refund) -> str | None:
        await self._arrive()
        return _refund_id(refund) if refund.id in self.intents[payment.stripe_id].refunds else None

    # What shoppers and banks do.

    def answer_challenge(self, stripe_id: str, *, passed: bool) -> None:
        """The shopper has been to their bank."""
        made = self.intents[stripe_id]
        if made.status is IntentStatus.REQUIRES_ACTION:
            made.status = IntentStatus.SUCCEEDED if passed else IntentStatus.DECLINED
            made.failure = made.failure if passed else CHALLENGE_FAILED

    def confirm_again(self, stripe_id: str) -> bool:
        """A browser that has the client secret tries another card; False where that is too late."""
        made = self.intents[stripe_id]
        if made.status is not IntentStatus.DECLINED:
            return False
        made.status = IntentStatus.SUCCEEDED
        return True

    def net_charges(self, order_id: str) -> list[int]:
        """What is left of each charge of an order, where anything is."""
        nets = [each.net for each in self.intents.values() if each.order_id == order_id]
        return [net for net in nets if net]

    async def _once(self, key: str, act: Callable[[], Answer]) -> Answer:
        """Do it, unless the key has an answer already."""
        await self._arrive()
        if key not in self._replies:
            fault = self.faults.pop(0) if self.faults else None
            if fault is Fault.LOST_BEFORE:
                raise OutcomeUnknown("lost")
            reply: object = OutcomeUnknown("internal error")
            if fault is not Fault.ERROR_BEFORE:
                done = _outcome(act)
                reply = reply if fault is Fault.ERROR_AFTER else done
            self._replies[key] = reply
            if fault is Fault.LOST_AFTER:
                raise OutcomeUnknown("lost")
        await asyncio.sleep(0)
        answer = self._replies[key]
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[return-value]  # what `act` returned

    def _confirm(self, payment: Payment) -> Intent:
        if payment.card.id == "bogus":
            raise ChargeRefused(BOGUS)
        status, failure = {
            "visa": (IntentStatus.SUCCEEDED, GIVEN_UP),
            "poor": (IntentStatus.DECLINED, DECLINED),
            "secure": (IntentStatus.REQUIRES_ACTION, GIVEN_UP),
            "slow": (IntentStatus.PROCESSING, GIVEN_UP),
        }[payment.card.id.split("_")[0]]
        stripe_id = f"pi_{next(self._ids)}"
        made = Made(
            stripe_id,
            payment.id,
            payment.order_id,
            payment.amount.amount_minor,
            status,
            failure,
        )
        self.intents[stripe_id] = made
        return made.seen()

    def _give_back(self, made: Made, refund: Refund) -> str:
        if self.refuses_refunds:
            raise RefundRefused("Your balance does not suffice.")
        if not made.net:
            return _refund_id(refund) if refund.id in made.refunds else ""
        if refund.amount_minor > made.net:
            raise RefundRefused("The amount is greater than what is left.")
        made.refunds[refund.id] = made.refunds.get(refund.id, 0) + refund.amount_minor
        return _refund_id(refund)

    async def _arrive(self) -> None:
        await asyncio.sleep(0)
        if self.away:
            raise OutcomeUnknown("away")


def _refund_id(refund: Refund) -> str:
    return f"re_{refund.id}"


def _outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except (ChargeRefused, RefundRefused) as refused:
        return refused

"""Stripe in memory: it keeps books, replays by idempotency key, and fails on demand."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from itertools import count
from typing import TypeVar

from svc_payments.model.intents import GIVEN_UP, Failure, FailureKind, Intent, IntentStatus
from svc_payments.model.payment import Payment
from svc_payments.model.refunds import Refund, RefundStatus, StripeRefund
from svc_payments.usecases.ports import ChargeRefused, OutcomeUnknown, RefundRefused

Answer = TypeVar("Answer")

DECLINED = Failure(FailureKind.DECLINED, "insufficient_funds", "Your card has insufficient funds.")
CARD_EXPIRED = "expired_or_canceled_card"
CHALLENGE_FAILED = Failure(
    FailureKind.DECLINED, "payment_intent_authentication_failure", "The bank said no."
)
BOGUS = Failure(FailureKind.INVALID_CARD, "resource_missing", "is not a card that can be charged")

MISUNDERSTOOD = Failure(FailureKind.INTEGRATION, "parameter_unknown", GIVEN_UP.message)


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
    refunds: list[StripeRefund] = field(default_factory=list)

    @property
    def net(self) -> int:
        captured = self.amount if self.status is IntentStatus.SUCCEEDED else 0
        back = (each for each in self.refunds if each.status is RefundStatus.SUCCEEDED)
        return captured - sum(each.amount_minor for each in back)

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
        self.calls = 0
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

    async def refund(self, payment: Payment, refund: Refund) -> StripeRefund:
        made = self.intents[payment.stripe_id]
        return await self._once(
            refund.stripe_key, lambda: self._give_back(made, refund.amount_minor, refund.id)
        )

    async def refunds(self, payment: Payment) -> Sequence[StripeRefund]:
        await self._arrive()
        return tuple(self.intents[payment.stripe_id].refunds)

    # What shoppers, banks and people at Stripe's dashboard do.

    def refund_by_hand(self, stripe_id: str, amount_minor: int) -> str:
        """Somebody gives money back in Stripe's dashboard; the refund's id, if Stripe took it."""
        try:
            return self._give_back(self.intents[stripe_id], amount_minor).id
        except RefundRefused:
            return ""

    def fail_refund(self, refund_id: str) -> None:
        """The card's bank did not take the money."""
        for made in self.intents.values():
            for place, refund in enumerate(made.refunds):
                if refund.id == refund_id:
                    made.refunds[place] = replace(
                        refund, status=RefundStatus.FAILED, detail=CARD_EXPIRED
                    )

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
        if payment.card.id == "misunderstood":
            raise ChargeRefused(MISUNDERSTOOD)
        status, failure = {
            "visa": (IntentStatus.SUCCEEDED, GIVEN_UP),
            "tok": (IntentStatus.SUCCEEDED, GIVEN_UP),
            "pm": (IntentStatus.SUCCEEDED, GIVEN_UP),
            "poor": (IntentStatus.DECLINED, DECLINED),
            "secure": (IntentStatus.REQUIRES_ACTION, GIVEN_UP),
            "slow": (IntentStatus.PROCESSING, GIVEN_UP),
            "late refund": (IntentStatus.SUCCEEDED, GIVEN_UP),
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

    def _give_back(self, made: Made, amount_minor: int, refund_id: str = "") -> StripeRefund:
        if self.refuses_refunds:
            raise RefundRefused("Your balance does not suffice.")
        if amount_minor > made.net:
            raise RefundRefused("The amount is greater than what is left.")
        refund = StripeRefund(f"re_{next(self._ids)}", refund_id, amount_minor)
        made.refunds.append(refund)
        return refund

    async def _arrive(self) -> None:
        self.calls += 1
        await asyncio.sleep(0)
        if self.away:
            raise OutcomeUnknown("away")


def _outcome(act: Callable[[], object]) -> object:
    try:
        return act()
    except (ChargeRefused, RefundRefused) as refused:
        return refused

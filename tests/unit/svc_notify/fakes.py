"""The ports of svc_notify in memory; the contract tests hold them to what the real ones do."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count

from chassis.clock import Clock
from chassis.currencies import Money
from svc_notify.model.announcements import user_audience
from svc_notify.model.message import Draft, Message
from svc_notify.model.notices import OrderNotice, PaymentNotice
from svc_notify.usecases.ports import HighWatermark, Span
from svc_notify.usecases.wakeup import Wakeup
from tests.support.clock import START

PRICE = Money(1999, "USD")


class Names:
    """Ids, one after the other."""

    def __init__(self, prefix: str = "m") -> None:
        self._prefix = prefix
        self._numbers = count(1)

    def __call__(self) -> str:
        return f"{self._prefix}-{next(self._numbers)}"


class FakeMessages:
    """Both ports, since an inbox is a part of its user's log."""

    def __init__(self, clock: Clock, wakeup: Wakeup | None = None) -> None:
        self._wakeup = wakeup or Wakeup()
        self.kept: list[Message] = []
        self._applied: set[tuple[str, str]] = set()
        self._inbox: set[str] = set()
        self.raised: dict[str, HighWatermark] = {}
        self._clock = clock
        self._new_id = Names()

    async def append(self, draft: Draft) -> Message | None:
        if (draft.audience, draft.event_id) in self._applied:
            return None
        self._applied.add((draft.audience, draft.event_id))
        sequence = await self.latest(draft.audience) + 1
        self.raised[draft.audience] = HighWatermark(draft.audience, sequence, self._clock())
        message = Message(
            id=self._new_id(),
            audience=draft.audience,
            sequence=sequence,
            type=draft.type,
            time=draft.time,
            added_at=self._clock(),
            notice=draft.notice,
            is_unread=draft.is_for_inbox,
            trace=draft.trace,
        )
        self.kept.append(message)
        if draft.is_for_inbox:
            self._inbox.add(message.id)
        self._wakeup.pass_on([message])
        self._wakeup.wake()
        return message

    async def read(self, audience: str, *, after: int, limit: int) -> list[Message]:
        found = [m for m in self.kept if m.audience == audience and m.sequence > after]
        return sorted(found, key=lambda m: m.sequence)[:limit]

    async def latest(self, audience: str) -> int:
        return self.raised[audience].latest if audience in self.raised else 0

    async def read_spans(self, spans: Collection[Span]) -> list[Message]:
        return [
            message
            for span in spans
            for message in await self.read(span.audience, after=span.after, limit=len(self.kept))
            if message.sequence <= span.to
        ]

    async def last_raised(self) -> datetime | None:
        return max((each.at for each in self.raised.values()), default=None)

    async def raised_since(self, time: datetime) -> list[HighWatermark]:
        found = [each for each in self.raised.values() if each.at >= time]
        return sorted(found, key=lambda each: each.at)

    async def page(self, user_id: str, *, before: int | None, limit: int) -> list[Message]:
        found = [m for m in self._of(user_id) if before is None or m.sequence < before]
        return sorted(found, key=lambda m: -m.sequence)[:limit]

    async def count(self, user_id: str, ids: Collection[str] | None = None) -> int:
        return sum(ids is None or message.id in ids for message in self._of(user_id))

    async def unread(self, user_id: str) -> int:
        return sum(message.is_unread for message in self._of(user_id))

    async def mark_read(self, user_id: str, ids: Sequence[str] | None) -> None:
        seen = {m.id for m in self._of(user_id) if ids is None or m.id in ids}
        self.kept = [replace(m, is_unread=m.is_unread and m.id not in seen) for m in self.kept]

    def forget(self, audience: str) -> None:
        """Let all messages of an audience expire."""
        self.kept = [message for message in self.kept if message.audience != audience]

    def _of(self, user_id: str) -> list[Message]:
        audience = user_audience(user_id)
        return [m for m in self.kept if m.audience == audience and m.id in self._inbox]


def order_draft(event_id: str = "e1", audience: str = "user:u1") -> Draft:
    """A message about a completed order."""
    notice = OrderNotice("o1", "completed", PRICE, title="Your order is complete")
    return Draft(audience, event_id, "order.completed", START, notice)


def payment_draft(event_id: str = "e2", audience: str = "user:u1") -> Draft:
    """A message about a payment that failed."""
    notice = PaymentNotice(
        "p1", "o1", "failed", PRICE, "expired_card", title="Your card was declined"
    )
    return Draft(audience, event_id, "payment.failed", START, notice)

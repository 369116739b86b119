"""Telling everyone concerned what has happened."""

from dataclasses import dataclass
from datetime import datetime

from svc_notify.model.announcements import tell
from svc_notify.model.facts import Fact
from svc_notify.model.message import Draft
from svc_notify.usecases.ports import MessageLog
from svc_notify.usecases.wakeup import Wakeup


@dataclass(frozen=True)
class Announce:
    """Writes a fact into the log of each audience that is told of it."""

    log: MessageLog
    wakeup: Wakeup

    async def __call__(self, fact: Fact, *, event_id: str, type: str, time: datetime) -> None:  # noqa: A002
        """Write it; where the event has been announced already, nothing happens.

        Args:
            fact: What has happened.
            event_id: Of the event that told of it.
            type: The event's topic.
            time: When it happened.
        """
        for told in tell(fact):
            draft = Draft.of(told, event_id=event_id, type=type, time=time)
            if await self.log.append(draft) is not None:
                self.wakeup.wake()

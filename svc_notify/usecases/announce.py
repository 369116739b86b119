"""Announcing an event to everyone whom it concerns."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from svc_notify.model.announcements import Announcement
from svc_notify.model.message import Draft
from svc_notify.usecases.ports import MessageLog


@dataclass(frozen=True)
class Announce:
    """Writes an announcement into the log of each audience."""

    log: MessageLog

    async def __call__(
        self,
        announcement: Announcement,
        *,
        event_id: str,
        type: str,  # noqa: A002 - what the contract calls it
        time: datetime,
        trace: str = "",
    ) -> None:
        """Write it; where the event has been announced already, nothing happens.

        Args:
            announcement: What each audience hears.
            event_id: Of the event.
            type: The event's topic.
            time: When it happened.
            trace: The `traceparent` of what announces it; empty outside any trace.
        """
        await asyncio.gather(
            *(
                self.log.append(Draft(audience, event_id, type, time, notice, trace))
                for audience, notice in announcement.items()
            )
        )

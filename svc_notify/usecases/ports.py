"""What the use cases need from outside."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from svc_notify.model.message import Draft, Message


@dataclass(frozen=True)
class HighWatermark:
    """An audience whose log has grown.

    Attributes:
        audience: Which.
        latest: The newest sequence number that is sure to be written.
        at: When it was raised to that, by the one clock of the logs.
    """

    audience: str
    latest: int
    at: datetime


@dataclass(frozen=True)
class Span:
    """A piece of an audience's log: the messages after one sequence number, to another."""

    audience: str
    after: int
    to: int


class MessageLog(Protocol):
    """The logs of all audiences.

    In each the messages are numbered 1, 2, 3 and so on without gaps, and none can be seen before
    all those before it can. Numbers are never given twice, also when messages have expired.
    """

    async def append(self, draft: Draft) -> Message | None:
        """Write it at the end of its audience's log; None where its event is there already."""

    async def read(self, audience: str, *, after: int, limit: int) -> list[Message]:
        """Messages of an audience after a sequence number, oldest first."""

    async def latest(self, audience: str) -> int:
        """The newest sequence number of an audience, expired or not; 0 where it has none."""

    async def read_spans(self, spans: Collection[Span]) -> list[Message]:
        """The messages of spans, at most one of an audience, in their order, oldest first."""

    async def last_raised(self) -> datetime | None:
        """When an audience was raised last; None where none ever was."""

    async def raised_since(self, time: datetime) -> list[HighWatermark]:
        """The audiences that were last raised at `time` or later, the earliest first."""


class Inbox(Protocol):
    """The notices that users had of their orders and payments."""

    async def page(self, user_id: str, *, before: int | None, limit: int) -> list[Message]:
        """Newest first, those before a sequence number."""

    async def count(self, user_id: str, ids: Collection[str] | None = None) -> int:
        """How many there are; where ids are given, how many of these."""

    async def unread(self, user_id: str) -> int:
        """How many of them the user has not seen."""

    async def mark_read(self, user_id: str, ids: Sequence[str] | None) -> None:
        """The user has seen these, or, where None is given, all; other users' ids do nothing."""

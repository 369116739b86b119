"""A user's inbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.errors import NotFound
from svc_notify.model.message import Message
from svc_notify.usecases.ports import Inbox


@dataclass(frozen=True)
class InboxPage:
    """Some of an inbox, newest first, and how much there is in all."""

    messages: list[Message]
    has_more: bool
    total: int
    unread: int


@dataclass(frozen=True)
class ListInbox:
    """Lists the notices of a user."""

    inbox: Inbox

    async def __call__(self, user_id: str, *, before: int | None, limit: int) -> InboxPage:
        """List those older than the sequence number `before`."""
        found = await self.inbox.page(user_id, before=before, limit=limit + 1)
        total = await self.inbox.count(user_id)
        unread = await self.inbox.unread(user_id)
        return InboxPage(found[:limit], len(found) > limit, total, unread)


@dataclass(frozen=True)
class MarkRead:
    """Remembers what a user has seen."""

    inbox: Inbox

    async def __call__(self, user_id: str, ids: Sequence[str]) -> int:
        """Mark these, or all where none is named; how many are unread still.

        Raises:
            NotFound: One of them is not the user's: that tells no one whether it exists.
        """
        wanted = set(ids)
        if wanted and await self.inbox.count(user_id, wanted) < len(wanted):
            raise NotFound("There is no such notification.")
        await self.inbox.mark_read(user_id, ids or None)
        return await self.inbox.unread(user_id)

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.collection import Collection
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from chassis.clock import utcnow
from chassis.mongo.client import Document
from svc_notify.model.message import Draft, Message
from svc_notify.model.notices import CheckoutNotice, ProductNotice
from svc_notify.store import MongoMessageLog
from svc_notify.usecases.ports import Span
from tests.contract.svc_notify.conftest import Stores
from tests.support.clock import START, FakeClock
from tests.unit.svc_notify.fakes import PRICE, order_draft, payment_draft

pytestmark = pytest.mark.anyio

# Further than a writer looks for the next number at once.
MANY = 150


class SentCommands(CommandListener):
    """Notes what a client sends."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.names.append(event.command_name)

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


class ExpireBehindTheBack(SentCommands):
    """Has all messages before a number expire, just after an insert was refused."""

    def __init__(self, messages: Collection[Document], before: int) -> None:
        super().__init__()
        self._messages = messages
        self._before = before

    def succeeded(self, event: CommandSucceededEvent) -> None:
        if event.command_name == "insert" and "writeErrors" in event.reply:
            self._messages.delete_many({"sequence": {"$lt": self._before}})


async def test_messages_of_an_audience_are_numbered_from_one(stores: Stores) -> None:
    for event_id in ("e1", "e2"):
        await stores.log.append(order_draft(event_id))
    await stores.log.append(order_draft("e1", "admins"))
    read = await stores.log.read("user:u1", after=0, limit=9)
    assert [message.sequence for message in read] == [1, 2]
    assert await stores.log.latest("user:u1") == 2
    assert await stores.log.latest("admins") == 1
    assert await stores.log.latest("nobody") == 0


@pytest.mark.parametrize(
    "draft",
    [
        order_draft(),
        payment_draft(),
        Draft("public", "e", "product.updated", START, ProductNotice("p1", 3, "Lamp", PRICE, 7)),
        Draft("public", "e", "product.deleted", START, ProductNotice("p1", 4)),
        Draft("admins", "e", "cart.checkout", START, CheckoutNotice("o1", PRICE, 3, title="New")),
    ],
    ids=lambda draft: draft.type,
)
async def test_a_message_is_kept_as_it_is(stores: Stores, draft: Draft) -> None:
    stores.clock.forward(seconds=1)
    appended = await stores.log.append(draft)
    assert appended is not None
    assert appended == Message(
        id=appended.id,
        audience=draft.audience,
        sequence=1,
        type=draft.type,
        time=START,
        added_at=stores.clock.now,
        notice=draft.notice,
        is_unread=draft.is_for_inbox,
    )
    assert await stores.log.read(draft.audience, after=0, limit=9) == [appended]


async def test_an_event_is_written_once_to_an_audience(stores: Stores) -> None:
    assert await stores.log.append(order_draft("e1")) is not None
    assert await stores.log.append(order_draft("e2")) is not None
    assert await stores.log.append(order_draft("e1")) is None
    assert await stores.log.latest("user:u1") == 2


async def test_many_writers_at_once_leave_no_gap_and_no_double(stores: Stores) -> None:
    # Every event is delivered twice, as by two replicas.
    drafts = [order_draft(f"e{number}", "admins") for number in range(20)] * 2
    appended = await asyncio.gather(*(stores.log.append(draft) for draft in drafts))
    assert sum(message is not None for message in appended) == 20
    read = await stores.log.read("admins", after=0, limit=99)
    assert [message.sequence for message in read] == list(range(1, 21))
    assert await stores.log.latest("admins") == 20


async def test_a_piece_of_a_log_is_read_oldest_first(stores: Stores) -> None:
    for number in range(1, 6):
        await stores.log.append(order_draft(f"e{number}"))
    read = await stores.log.read("user:u1", after=2, limit=2)
    assert [message.sequence for message in read] == [3, 4]
    assert await stores.log.read("user:u1", after=5, limit=2) == []


async def test_spans_are_read_in_their_order_oldest_first(stores: Stores) -> None:
    for audience in ("user:u1", "user:u2", "admins"):
        for number in range(1, 5):
            await stores.log.append(order_draft(f"e{number}", audience))
    read = await stores.log.read_spans([Span("user:u2", 1, 3), Span("admins", 3, 4)])
    assert [(m.audience, m.sequence) for m in read] == [
        ("user:u2", 2),
        ("user:u2", 3),
        ("admins", 4),
    ]


async def test_an_audience_is_raised_with_each_message(stores: Stores) -> None:
    assert await stores.log.last_raised() is None
    await stores.log.append(order_draft("e1"))
    first = await stores.log.last_raised()
    assert first is not None
    await stores.log.append(order_draft("e1", "admins"))
    await stores.log.append(order_draft("e2"))
    raised = await stores.log.raised_since(first)
    assert {each.audience: each.latest for each in raised} == {"admins": 1, "user:u1": 2}
    assert [each.at for each in raised] == sorted(each.at for each in raised)
    last = await stores.log.last_raised()
    assert last == raised[-1].at
    assert await stores.log.raised_since(last + timedelta(milliseconds=1)) == []


async def test_the_time_of_a_raise_is_the_servers(database: AsyncDatabase[Document]) -> None:
    writers_time = FakeClock()
    await MongoMessageLog(database, writers_time).append(order_draft())
    raised = await MongoMessageLog(database, writers_time).last_raised()
    assert raised is not None
    assert raised - writers_time.now > timedelta(days=1)


async def test_many_events_at_once_do_not_compete(
    mongodb_url: str, database: AsyncDatabase[Document]
) -> None:
    """What is appended together to one audience costs a few commands, not some for each."""
    sent = SentCommands()
    async with AsyncMongoClient[Document](mongodb_url, event_listeners=[sent]) as client:
        log = MongoMessageLog(client[database.name], utcnow)
        appended = await asyncio.gather(
            *(log.append(order_draft(f"e{number}", "admins")) for number in range(50))
        )
    assert [each.sequence for each in appended if each] == list(range(1, 51))
    assert len(sent.names) <= 9


async def test_who_wrote_last_knows_the_next_number(
    mongodb_url: str, database: AsyncDatabase[Document]
) -> None:
    sent = SentCommands()
    async with AsyncMongoClient[Document](mongodb_url, event_listeners=[sent]) as client:
        log = MongoMessageLog(client[database.name], utcnow)
        await log.append(order_draft("e1"))
        sent.names.clear()
        await log.append(order_draft("e2"))
    assert sent.names == ["insert", "update"]


async def test_messages_of_several_audiences_are_written_together(
    mongodb_url: str, database: AsyncDatabase[Document]
) -> None:
    sent = SentCommands()
    async with AsyncMongoClient[Document](mongodb_url, event_listeners=[sent]) as client:
        log = MongoMessageLog(client[database.name], utcnow)
        audiences = [f"user:u{number}" for number in range(30)]
        appended = await asyncio.gather(
            *(log.append(order_draft("e1", audience)) for audience in (*audiences, "admins"))
        )
    assert {each.audience: each.sequence for each in appended if each} == dict.fromkeys(
        (*audiences, "admins"), 1
    )
    assert sent.names == ["find", "insert", "update"]


async def test_one_that_fell_far_behind_another_replica_finds_the_end_at_once(
    mongodb_url: str, database: AsyncDatabase[Document]
) -> None:
    sent = SentCommands()
    async with AsyncMongoClient[Document](mongodb_url, event_listeners=[sent]) as client:
        log, other = (
            MongoMessageLog(client[database.name], utcnow),
            MongoMessageLog(database, utcnow),
        )
        await log.append(order_draft("e0"))
        await asyncio.gather(*(other.append(order_draft(f"e{n}")) for n in range(1, 1000)))
        sent.names.clear()
        appended = await log.append(order_draft("e1000"))
    assert appended is not None
    assert appended.sequence == 1001
    assert len(sent.names) <= 8


async def test_replicas_that_write_to_one_audience_do_not_hold_each_other_up(
    mongodb_url: str, database: AsyncDatabase[Document]
) -> None:
    """As after a rebalance: some events come to both, and all writers go on at once."""
    sent, each = SentCommands(), 20
    async with AsyncMongoClient[Document](mongodb_url, event_listeners=[sent]) as client:
        replicas = [MongoMessageLog(client[database.name], utcnow) for _ in range(2)]

        async def write(log: MongoMessageLog, partition: int) -> None:
            for number in range(each):
                await log.append(order_draft(f"e{partition}-{number}", "admins"))

        partitions = ((0, range(15)), (1, range(10, 25)))
        await asyncio.gather(*(write(replicas[n], p) for n, some in partitions for p in some))
    read = await MongoMessageLog(database, utcnow).read("admins", after=0, limit=999)
    assert [message.sequence for message in read] == list(range(1, 25 * each + 1))
    assert len(sent.names) <= 25 * each


async def test_what_died_in_the_middle_of_a_batch_is_written_by_who_has_its_events_then(
    database: AsyncDatabase[Document],
) -> None:
    died, heir = MongoMessageLog(database, utcnow), MongoMessageLog(database, utcnow)
    drafts = [order_draft(f"e{number}") for number in range(1, 7)]
    await heir.append(drafts[0])
    await asyncio.gather(*(died.append(draft) for draft in drafts[1:5]))
    # Of its batch two messages were written, and the audience was not raised.
    await database["messages"].delete_many({"sequence": {"$gt": 3}})
    await database["audiences"].update_one({"_id": "user:u1"}, {"$set": {"latest": 1}})
    appended = [await heir.append(draft) for draft in drafts]
    assert [each and each.sequence for each in appended] == [None, None, None, 4, 5, 6]
    read = await heir.read("user:u1", after=0, limit=9)
    assert [message.sequence for message in read] == [1, 2, 3, 4, 5, 6]
    assert [each.latest for each in await heir.raised_since(START)] == [6]


async def test_a_number_is_not_given_again_once_its_message_has_expired(
    database: AsyncDatabase[Document],
) -> None:
    log, other = MongoMessageLog(database, utcnow, memory=0.0), MongoMessageLog(database, utcnow)
    await log.append(order_draft("e1"))
    for number in range(2, 5):
        await other.append(order_draft(f"e{number}"))
    await database["messages"].delete_many({})
    appended = await log.append(order_draft("e5"))
    assert appended is not None
    assert appended.sequence == 5


async def test_where_a_number_was_taken_and_has_just_expired_the_newest_is_looked_for(
    mongodb_url: str, database: AsyncDatabase[Document]
) -> None:
    log = MongoMessageLog(database, utcnow)
    drafts = [order_draft(f"e{number}") for number in range(1, MANY + 1)]
    await asyncio.gather(*(log.append(draft) for draft in drafts))
    await database["audiences"].update_one({"_id": "user:u1"}, {"$set": {"latest": 1}})
    with MongoClient[Document](mongodb_url) as other:
        expire = ExpireBehindTheBack(other[database.name]["messages"], MANY)
        async with AsyncMongoClient[Document](mongodb_url, event_listeners=[expire]) as client:
            behind = MongoMessageLog(client[database.name], utcnow)
            appended = await behind.append(order_draft("new"))
    assert appended is not None
    assert appended.sequence == MANY + 1


async def test_one_that_is_cancelled_does_not_take_the_others_with_it(
    database: AsyncDatabase[Document],
) -> None:
    log = MongoMessageLog(database, utcnow)
    first, *others = [
        asyncio.create_task(log.append(order_draft(f"e{number}"))) for number in range(5)
    ]
    await asyncio.sleep(0)
    first.cancel()
    appended = await asyncio.gather(*others)
    assert [each.sequence for each in appended if each] == [2, 3, 4, 5]


async def test_an_inbox_is_listed_newest_first(stores: Stores) -> None:
    for number in range(1, 5):
        await stores.log.append(order_draft(f"e{number}"))
    checkout = Draft("user:u1", "e9", "cart.checkout", START, CheckoutNotice("o1", PRICE, 3))
    await stores.log.append(checkout)
    await stores.log.append(order_draft("e1", "user:u2"))
    first = await stores.inbox.page("u1", before=None, limit=3)
    rest = await stores.inbox.page("u1", before=first[-1].sequence, limit=3)
    assert [message.sequence for message in [*first, *rest]] == [5, 4, 3, 2, 1]
    assert await stores.inbox.count("u1") == 5
    assert await stores.inbox.unread("u1") == 5
    assert await stores.inbox.count("u3") == 0


async def test_reading_changes_what_is_named_and_the_users_own(stores: Stores) -> None:
    one, other = (
        await stores.log.append(order_draft("e1")),
        await stores.log.append(payment_draft("e2")),
    )
    theirs = await stores.log.append(order_draft("e1", "user:u2"))
    assert one
    assert other
    assert theirs
    named = [one.id, theirs.id, "unknown"]
    assert await stores.inbox.count("u1", named) == 1
    await stores.inbox.mark_read("u1", named)
    assert await stores.inbox.page("u1", before=None, limit=9) == [
        other,
        replace(one, is_unread=False),
    ]
    assert await stores.inbox.unread("u2") == 1
    await stores.inbox.mark_read("u1", None)
    assert await stores.inbox.unread("u1") == 0
    assert await stores.inbox.count("u1") == 2
    assert await stores.inbox.unread("u2") == 1


async def test_numbers_go_on_when_every_message_has_expired(
    database: AsyncDatabase[Document],
) -> None:
    log = MongoMessageLog(database, FakeClock())
    await log.append(order_draft("e1"))
    await log.append(order_draft("e2"))
    await database["messages"].delete_many({})
    assert await log.latest("user:u1") == 2
    appended = await log.append(order_draft("e3"))
    assert appended is not None
    assert appended.sequence == 3


async def test_a_writer_that_died_half_way_leaves_no_gap_and_no_double(
    database: AsyncDatabase[Document],
) -> None:
    log = MongoMessageLog(database, FakeClock())
    for event_id in ("e1", "e2"):
        await log.append(order_draft(event_id))
    # It died after writing its message, and before it could raise the latest sequence.
    await database["audiences"].update_one({"_id": "user:u1"}, {"$set": {"latest": 1}})
    assert await log.latest("user:u1") == 2
    appended = await log.append(order_draft("e3"))
    assert appended is not None
    assert appended.sequence == 3
    await database["audiences"].delete_many({})
    assert await log.append(order_draft("e3")) is None
    await database["messages"].delete_many({})
    assert await log.latest("user:u1") == 3

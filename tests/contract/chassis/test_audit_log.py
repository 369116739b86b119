"""Who did what to whom, on the real database: added to, found by what matters, not changed."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase
from shop.ops.v1 import audit_pb2

from chassis.errors import InvalidField
from chassis.mongo.audit_log import COLLECTION, INDEXES, Action, Actor, AuditLog, Filters
from chassis.mongo.client import Document, ensure_indexes
from chassis.rpc.audit_rpc import AuditRpc

pytestmark = pytest.mark.anyio

ADA = Actor("user", "a1", "ada@shop.example")
BOB = Actor("user", "b1", "bob@shop.example")
BEGIN = datetime(2026, 11, 26, 12, tzinfo=UTC)


class Clock:
    """A minute later each time."""

    def __init__(self) -> None:
        self.now = BEGIN

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
async def audit_log(database: AsyncDatabase[Document]) -> AuditLog:
    await ensure_indexes(database, INDEXES)
    return AuditLog(database, Clock())


@pytest.fixture
def rpc(audit_log: AuditLog) -> AuditRpc:
    return AuditRpc(audit_log, "auth")


def blocking(user_id: str, actor: Actor = ADA, name: str = "BlockUser") -> Action:
    return Action(actor, name, "user", user_id, {"why": "spam"}, "r1", "t1", "203.0.113.9")


async def names(audit_log: AuditLog, filters: Filters) -> list[str]:
    actions, _ = await audit_log.page(filters, 10, None)
    assert await audit_log.count(filters) == len(actions)
    return [f"{each.actor.id} {each.name} {each.subject_id}" for each in actions]


async def test_an_action_is_listed_with_its_outcome(audit_log: AuditLog, rpc: AuditRpc) -> None:
    for outcome in ("OK", "NOT_FOUND"):
        await audit_log.end(await audit_log.begin(blocking("u1")), outcome)
    await audit_log.begin(blocking("u2"))
    found = await rpc.ListAuditEntries(audit_pb2.ListAuditEntriesRequest(), None)
    assert [each.outcome for each in found.entries] == ["UNKNOWN", "NOT_FOUND", "OK"]
    assert (found.total_size, found.next_page_token) == (3, "")
    [entry] = found.entries[2:]
    assert entry.at.ToDatetime(UTC) == BEGIN + timedelta(minutes=1)
    assert (entry.service, entry.action) == ("auth", "BlockUser")
    assert (entry.actor_kind, entry.actor_id, entry.actor_email) == ("user", ADA.id, ADA.email)
    assert (entry.subject_kind, entry.subject_id) == ("user", "u1")
    assert [(each.field, each.value) for each in entry.changes] == [("why", "spam")]
    assert (entry.request_id, entry.trace_id, entry.address) == ("r1", "t1", "203.0.113.9")


async def test_actions_are_found_by_who_what_and_when(audit_log: AuditLog) -> None:
    for action in (blocking("u1"), blocking("u2", BOB), blocking("u1", BOB, "UnblockUser")):
        await audit_log.end(await audit_log.begin(action), "OK")
    both = ["b1 UnblockUser u1", "b1 BlockUser u2"]
    assert await names(audit_log, Filters(actor=BOB.id)) == both
    assert await names(audit_log, Filters(actor=BOB.email)) == both
    assert await names(audit_log, Filters(subject_id="u1")) == [both[0], "a1 BlockUser u1"]
    assert await names(audit_log, Filters(name="BlockUser", actor=BOB.id)) == [both[1]]
    third = BEGIN + timedelta(minutes=5)
    assert await names(audit_log, Filters(since=third)) == [both[0]]
    assert await names(audit_log, Filters(before=third)) == [both[1], "a1 BlockUser u1"]
    assert await names(audit_log, Filters(actor="nobody")) == []


async def test_what_was_made_is_found_by_what_was_done_to_it(audit_log: AuditLog) -> None:
    await audit_log.end(
        await audit_log.begin(Action(ADA, "CreateProduct", "product", "")), "OK", "p1"
    )
    await audit_log.begin(Action(BOB, "DeleteProduct", "product", "p1"))
    await audit_log.begin(Action(BOB, "DeleteProduct", "product", "p2"))
    found = ["b1 DeleteProduct p1", "a1 CreateProduct p1"]
    assert await names(audit_log, Filters(subject_id="p1")) == found
    assert await names(audit_log, Filters(subject_id="p1", name="CreateProduct")) == found[1:]
    assert await names(audit_log, Filters(subject_id="p1", actor=BOB.id)) == found[:1]
    _, after = await audit_log.page(Filters(subject_id="p1"), 1, None)
    last, end = await audit_log.page(Filters(subject_id="p1"), 1, after)
    assert ([each.name for each in last], end) == (["CreateProduct"], None)


@pytest.mark.parametrize("subject", ["", "u1"])
async def test_pages_lead_from_the_newest_to_the_oldest(
    audit_log: AuditLog, rpc: AuditRpc, subject: str
) -> None:
    for _ in range(3):
        await audit_log.end(await audit_log.begin(blocking("u1")), "OK")
    request = audit_pb2.ListAuditEntriesRequest(page_size=2, subject=subject)
    first = await rpc.ListAuditEntries(request, None)
    request.page_token = first.next_page_token
    rest = await rpc.ListAuditEntries(request, None)
    times = [each.at.ToDatetime(UTC) for each in (*first.entries, *rest.entries)]
    assert times == sorted(times, reverse=True)
    assert (len(first.entries), len(rest.entries), rest.next_page_token) == (2, 1, "")
    assert rest.total_size == 3
    request.actor = "a1"
    with pytest.raises(InvalidField):
        await rpc.ListAuditEntries(request, None)


async def test_how_it_ended_is_added_and_what_was_recorded_stays(
    audit_log: AuditLog, database: AsyncDatabase[Document]
) -> None:
    action_id = await audit_log.begin(blocking("u1"))
    before = await database[COLLECTION].find_one({"_id": action_id})
    await audit_log.end(action_id, "OK")
    assert await database[COLLECTION].find_one({"_id": action_id}) == before
    assert await database[COLLECTION].count_documents({}) == 2

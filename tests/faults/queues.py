"""Whether everything that is under way in a shop has arrived."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from kafka import KafkaAdminClient, TopicPartition
from pymongo import MongoClient
from pymongo.database import Database

from chassis.kafka.topics import PARTITIONS
from tests.architecture.test_events import TABLE
from tests.support.people import Shop, eventually

Document = dict[str, Any]
SETTLE_SECONDS = 120.0
LATEST = -1


@contextmanager
def database_of(shop: Shop, service: str) -> Iterator[Database[Document]]:
    """The database of a service, such as `orders`."""
    client: MongoClient[Document] = MongoClient(shop.ready["servers"]["mongo"][service])
    with client:
        yield client.get_default_database()


def wait_until_settled(shop: Shop) -> None:
    """Return when nothing is under way any more; fails with what still is."""
    # Looked at twice: what the first look missed on its way from one queue to the next.
    eventually(lambda: under_way(shop) or under_way(shop), lambda left: not left, SETTLE_SECONDS)


def under_way(shop: Shop) -> list[str]:
    """What is still to be published, handled, decided or expired."""
    waiting = [*_outboxes(shop), *_orders(shop), *_payments(shop), *_letters(shop)]
    # Asking Kafka takes longest, and is of no use before.
    return waiting or [*_groups(shop)]


def _outboxes(shop: Shop) -> Iterator[str]:
    for service in shop.ready["servers"]["mongo"]:
        with database_of(shop, service) as database:
            for name in database.list_collection_names():
                if count := database[name].count_documents({"outbox.0": {"$exists": True}}):
                    yield f"{count} outboxes of {service}.{name} are not empty"


def _orders(shop: Shop) -> Iterator[str]:
    with database_of(shop, "orders") as database:
        for order in database["orders"].find({"status": {"$in": ["created", "pending"]}}):
            if not order["refused"]:
                yield f"order {order['_id']} is {order['status']}"
        for order in database["orders"].find({"release_due_at": {"$exists": True}}):
            yield f"order {order['_id']} has stock to be released"


def _payments(shop: Shop) -> Iterator[str]:
    with database_of(shop, "payments") as database:
        for payment in database["payments"].find({"attend_at": {"$exists": True}}):
            yield f"payment {payment['_id']} is {payment['status']}, to be looked after"


def _letters(shop: Shop) -> Iterator[str]:
    for service in shop.ready["servers"]["mongo"]:
        with database_of(shop, service) as database:
            for letter in database["dead_letters"].find({"replay_at": {"$ne": None}}):
                yield f"{letter['group']} is to replay {letter['event_id']}: {letter['error']}"


def _groups(shop: Shop) -> Iterator[str]:
    topics = {
        f"{service.removeprefix('svc_')}-{topic.replace('.', '-')}": topic
        for topic, (_, services) in TABLE.items()
        for service in services
    }
    places = {
        topic: [TopicPartition(topic, number) for number in range(PARTITIONS)]
        for topic in topics.values()
    }
    admin = KafkaAdminClient(bootstrap_servers=shop.ready["servers"]["kafka"])
    try:
        committed = admin.list_group_offsets(list(topics))
        ends = admin.list_partition_offsets(
            {each: LATEST for some in places.values() for each in some}
        )
        for group, offsets in committed.items():
            # A group that was killed before its first commit knows nothing of a partition.
            known = {each: max(0, offsets[each].offset) for each in offsets}
            behind = sum(ends[each].offset - known.get(each, 0) for each in places[topics[group]])
            if behind:
                yield f"{group} is {behind} events behind"
    finally:
        admin.close()

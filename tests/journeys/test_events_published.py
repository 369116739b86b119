"""Every event of the contract is published by its producer, in CloudEvents' Kafka binding."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition

from tests.architecture.test_events import TABLE, event_messages
from tests.support.people import Admin, Json, Shop, Shopper, eventually, ok, refused

POLL_MS = 200


@dataclass(frozen=True)
class Published:
    """An event as it lies in Kafka."""

    key: str
    headers: Mapping[str, str]
    message: Any


@dataclass(frozen=True)
class Story:
    """What happened, and the ids of those that it happened to."""

    product: str
    cart: str
    orders: Mapping[str, str]
    payments: Mapping[str, str]


@pytest.fixture(scope="module")
def story(shop: Shop) -> Iterator[Story]:
    """Somebody's life with the shop in which everything happens once."""
    with shop.visitor() as admins, shop.visitor() as shoppers:
        admin, shopper = Admin(admins), Shopper(shoppers)
        admin.sign_in(**shop.ready["logins"]["admin"])
        shopper.sign_up()
        thing = admin.add_product(quantity=9, price=500)
        shopper.put_in_cart(thing["id"], 2)
        cart = shopper.cart()
        bought = shopper.check_out()
        declined = refused(shopper.pay(bought, "tok_chargeDeclined"), 402, "CARD_DECLINED")
        paid = ok(shopper.pay(bought), 201)["payment"]
        shopper.order_when(bought["id"], "completed")
        ok(admin.client.post(f"/api/payments/admin/{paid['id']}/refund", json=_half(bought)))
        unwanted = shopper.buy_now((thing["id"], 1))
        ok(shopper.client.delete(f"/api/orders/{unwanted['id']}"))
        eventually(lambda: admin.product(thing["id"])["available"], lambda left: left == 7)
        assert admin.client.delete(f"/api/products/{thing['id']}").status_code == 204
        yield Story(
            product=thing["id"],
            cart=cart["id"],
            orders={"bought": bought["id"], "unwanted": unwanted["id"]},
            payments={"paid": paid["id"], "declined": declined["paymentId"]},
        )


def _half(order: Json) -> Json:
    amount = order["total"]["amountMinor"] // 2
    share = {"amountMinor": amount, "currency": order["total"]["currency"]}
    return {"amount": share, "idempotencyKey": "half"}


def key_of(story: Story, topic: str) -> str:
    """The key under which the story's event of a topic is published."""
    return {
        "cart.checkout": story.cart,
        "order.cancelled": story.orders["unwanted"],
        "payment.failed": story.payments["declined"],
        "payment.created": story.payments["paid"],
        "payment.refunded": story.payments["paid"],
    }.get(topic, story.product if topic.startswith("product.") else story.orders["bought"])


def published(shop: Shop, topic: str, key: str) -> list[Published]:
    """What is in a topic under a key; other tests publish what cannot be read."""
    consumer = KafkaConsumer(
        bootstrap_servers=shop.ready["servers"]["kafka"], group_id=None, enable_auto_commit=False
    )
    try:
        numbers = consumer.partitions_for_topic(topic) or ()
        partitions = [TopicPartition(topic, number) for number in numbers]
        ends = consumer.end_offsets(partitions)
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        found = []
        while any(consumer.position(each) < ends[each] for each in partitions):
            for records in consumer.poll(timeout_ms=POLL_MS).values():
                found += [_read(topic, each) for each in records if each.key.decode() == key]
        return found
    finally:
        consumer.close()


def _read(topic: str, record: Any) -> Published:
    headers = {name: value.decode() for name, value in record.headers}
    return Published(record.key.decode(), headers, event_messages()[topic].FromString(record.value))


@pytest.mark.parametrize("topic", TABLE)
def test_an_event_is_published(shop: Shop, story: Story, topic: str) -> None:
    key = key_of(story, topic)
    events = eventually(lambda: published(shop, topic, key))
    producer, _ = TABLE[topic]
    for event in events:
        assert event.headers["ce_source"] == producer
        assert event.headers["ce_type"] == topic
        assert event.headers["content-type"] == "application/protobuf"
        assert datetime.fromisoformat(event.headers["ce_time"]).tzinfo is not None
    assert len({event.headers["ce_id"] for event in events}) == len(events)


def test_an_event_carries_all_that_a_consumer_needs(shop: Shop, story: Story) -> None:
    [created] = published(shop, "order.created", story.orders["bought"])
    order = created.message.order
    assert [(item.product_id, item.quantity) for item in order.items] == [(story.product, 2)]
    assert (order.total.amount_minor, order.total.currency) == (1000, "USD")
    assert order.version > 0
    [payment] = published(shop, "payment.created", story.payments["paid"])
    assert payment.message.payment.order_id == story.orders["bought"]
    assert [item.product_id for item in payment.message.items] == [story.product]
    versions = [
        event.message.product.version for event in published(shop, "product.updated", story.product)
    ]
    assert versions == sorted(versions)
    [deleted] = published(shop, "product.deleted", story.product)
    assert deleted.message.version >= max(versions)

import pytest
from shop.orders.v1 import events_pb2, orders_pb2

from chassis.contract.topics import group_of, topic_of


def test_the_topic_is_in_the_messages_annotation() -> None:
    assert topic_of(events_pb2.OrderCreated) == "order.created"


def test_a_message_without_annotation_is_no_event() -> None:
    with pytest.raises(TypeError, match=r"shop\.orders\.v1\.Order "):
        topic_of(orders_pb2.Order)


def test_a_group_is_named_service_then_topic() -> None:
    assert group_of("svc_cart", "product.created") == "cart-product-created"

"""Which Kafka topic an event's message belongs to, as the contract annotates it."""

from google.protobuf.message import Message
from shop.options.v1 import options_pb2


def topic_of(message: type[Message]) -> str:
    """The topic in the `(shop.options.v1.event)` annotation of `message`.

    Raises:
        TypeError: it has none, so it is no event.
    """
    rules = message.DESCRIPTOR.GetOptions().Extensions[options_pb2.event]
    if not rules.topic:
        raise TypeError(f"{message.DESCRIPTOR.full_name} is annotated with no topic")
    return rules.topic


def group_of(service: str, topic: str) -> str:
    """The consumer group in which `service` (such as `svc_cart`) takes `topic`."""
    return f"{service.removeprefix('svc_')}-{topic.replace('.', '-')}"

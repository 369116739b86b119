"""The table of events in architecture.md, row by row: producer, and groups that take it.

With the one change that docs/decisions/ tells of: the cart takes order.completed.
"""

import ast
import importlib
import inspect
from collections.abc import Sequence

import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from shop.options.v1 import options_pb2

from chassis.contract.topics import group_of, topic_of
from chassis.events import Subscription
from gateway.contract import load_files
from tests.architecture.source_tree import (
    SERVICES,
    files_of,
    imports_of,
    relative,
    tree_of,
)

# topic -> (producer, services that take it)
TABLE = {
    "product.created": ("svc_catalog", {"svc_cart", "svc_orders", "svc_payments", "svc_notify"}),
    "product.updated": ("svc_catalog", {"svc_cart", "svc_orders", "svc_payments", "svc_notify"}),
    "product.deleted": ("svc_catalog", {"svc_cart", "svc_orders", "svc_payments", "svc_notify"}),
    "cart.checkout": ("svc_cart", {"svc_notify"}),
    "order.created": ("svc_orders", {"svc_payments", "svc_notify"}),
    "order.cancelled": ("svc_orders", {"svc_payments", "svc_catalog", "svc_notify"}),
    "order.completed": ("svc_orders", {"svc_cart", "svc_notify"}),
    "payment.created": ("svc_payments", {"svc_orders", "svc_catalog", "svc_notify"}),
    "payment.failed": ("svc_payments", {"svc_orders", "svc_catalog", "svc_notify"}),
    "payment.refunded": ("svc_payments", {"svc_orders", "svc_catalog", "svc_notify"}),
}


def event_messages() -> dict[str, type[Message]]:
    """Topic -> the message that the contract publishes there."""
    messages = [
        GetMessageClass(descriptor)
        for file in load_files()
        for descriptor in file.message_types_by_name.values()
        if descriptor.GetOptions().Extensions[options_pb2.event].topic
    ]
    return {topic_of(message): message for message in messages}


def test_events_need_no_package_of_another_context() -> None:
    shared = {"shop.money.v1", "shop.options.v1"}
    for message in event_messages().values():
        file = message.DESCRIPTOR.file
        imported = {each.package for each in file.dependencies}
        imported = {each for each in imported if each.startswith("shop.")}
        assert imported <= shared | {file.package}, file.name


def subscriptions_of(service: str) -> Sequence[Subscription]:
    """The table at the end of a service's consumers; none where it takes no events."""
    if not any(file.stem == "consumers" for file in files_of(service)):
        return ()
    subscriptions = importlib.import_module(f"{service}.consumers").subscriptions
    # The table says which events are taken; nothing is handled here.
    parameters = inspect.signature(subscriptions).parameters.values()
    positional = [object() for each in parameters if each.kind is not each.KEYWORD_ONLY]
    named = {each.name: object() for each in parameters if each.kind is each.KEYWORD_ONLY}
    table: Sequence[Subscription] = subscriptions(*positional, **named)
    return table


def test_the_contract_has_the_events_of_the_table() -> None:
    assert set(event_messages()) == set(TABLE)


def test_the_services_take_what_the_table_says() -> None:
    groups = {
        group_of(service, subscription.topic)
        for service in SERVICES
        for subscription in subscriptions_of(service)
    }
    wanted = {
        f"{service.removeprefix('svc_')}-{topic.replace('.', '-')}"
        for topic, (_, services) in TABLE.items()
        for service in services
    }
    assert groups == wanted


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_takes_an_event_once(service: str) -> None:
    topics = [subscription.topic for subscription in subscriptions_of(service)]
    assert len(set(topics)) == len(topics)


@pytest.mark.parametrize("topic", TABLE)
def test_an_event_belongs_to_the_context_that_produces_it(topic: str) -> None:
    producer, _ = TABLE[topic]
    message = event_messages()[topic]
    context = producer.removeprefix("svc_")
    assert message.DESCRIPTOR.file.package == f"shop.{context}.v1"


@pytest.mark.parametrize("topic", TABLE)
def test_an_event_is_made_by_its_producer_alone(topic: str) -> None:
    producer, _ = TABLE[topic]
    made = event_messages()[topic].DESCRIPTOR.name
    makers = {
        f"{relative(file)}::{function.name}"
        for service in SERVICES
        for file in files_of(service)
        for function in ast.walk(tree_of(file))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == f"events_pb2.{made}"
    }
    assert makers == {f"{producer}/messages.py::event_message"}


def test_only_the_producer_has_an_outbox_for_its_events() -> None:
    producers = {producer for producer, _ in TABLE.values()}
    with_outbox = {
        service
        for service in SERVICES
        for file in files_of(service)
        if "chassis.outbox.outbox" in set(imports_of(file))
    }
    assert with_outbox == producers

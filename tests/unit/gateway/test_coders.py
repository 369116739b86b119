"""The compiled coders, held to google.protobuf.json_format for every type of the contract."""

from typing import Any

import orjson
import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop.catalog.v1 import catalog_pb2
from shop.orders.v1 import orders_pb2
from shop.payments.v1 import payments_pb2

from chassis.contract.patterns import takes_empty
from chassis.contract.validation import Violation
from gateway.contract import rules_of
from gateway.protojson.compiler import ANY, TIMESTAMP, is_choice
from gateway.protojson.decode import Decoders
from gateway.protojson.encode import Encoders, enum_names
from tests.unit.gateway.messages import contract_types, messages

ENCODERS = Encoders()
DECODERS = Decoders()
TYPES = contract_types()
INT64 = {FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT64}
each_type = pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.full_name)
any_messages = settings(
    max_examples=25,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@each_type
@any_messages
@given(data=st.data())
def test_encoder_is_json_format_but_for_three_differences(
    kind: Descriptor, data: st.DataObject
) -> None:
    message = data.draw(messages(kind))
    canonical = json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    assert ENCODERS.of(kind)(message) == _with_differences(canonical, kind)


@each_type
@any_messages
@given(data=st.data())
def test_what_was_encoded_decodes_to_the_same(kind: Descriptor, data: st.DataObject) -> None:
    message = data.draw(messages(kind))
    values = orjson.loads(orjson.dumps(ENCODERS.of(kind)(message)))
    for field in kind.fields:
        # A request whose text is empty has none, and JSON leaves it out.
        if not takes_empty(rules_of(field)) and not field.has_presence:
            values = {
                key: value for key, value in values.items() if value or key != field.json_name
            }
    assert _decoded(kind, values) == message


@each_type
@any_messages
@given(data=st.data(), proto_names=st.booleans())
def test_decoder_takes_what_json_format_writes(
    kind: Descriptor, data: st.DataObject, proto_names: bool
) -> None:
    message = data.draw(messages(kind))
    canonical = json_format.MessageToDict(message, preserving_proto_field_name=proto_names)
    assert _decoded(kind, canonical) == message


def _decoded(kind: Descriptor, values: Any) -> Message:
    message = GetMessageClass(kind)()
    violations: list[Violation] = []
    DECODERS.of(kind)(message, values, "", violations)
    assert violations == []
    return message


def _with_differences(canonical: dict[str, Any], kind: Descriptor) -> dict[str, Any]:
    """What json_format made, with int64 as numbers, short enum names, and null for absent."""
    if kind.full_name == ANY:
        inner = kind.file.pool.FindMessageTypeByName(canonical["@type"].rpartition("/")[2])
        rest = {key: value for key, value in canonical.items() if key != "@type"}
        return {"@type": canonical["@type"]} | _with_differences(rest, inner)
    result: dict[str, Any] = {}
    for field in kind.fields:
        key = field.json_name
        if key not in canonical:
            if not is_choice(field):
                result[key] = None
        elif field.is_repeated:
            result[key] = [_value(item, field) for item in canonical[key]]
        else:
            result[key] = _value(canonical[key], field)
    return result


def _value(value: Any, field: FieldDescriptor) -> Any:
    if field.message_type is not None and field.message_type.full_name != TIMESTAMP:
        return _with_differences(value, field.message_type)
    if field.enum_type is not None:
        return _short(field.enum_type)[value]
    return int(value) if field.type in INT64 else value


def _short(enum: EnumDescriptor) -> dict[str, str]:
    names = enum_names(enum)
    return {value.name: names[value.number] for value in enum.values}


@pytest.mark.parametrize("given", ["pending", "ORDER_STATUS_PENDING"])
def test_an_enum_is_taken_by_either_name(given: str) -> None:
    kind = orders_pb2.StatusCount.DESCRIPTOR
    message = _decoded(kind, {"status": given})
    assert ENCODERS.of(kind)(message) == {"status": "pending", "count": 0}


@pytest.mark.parametrize("given", [0, 2, 2.0, "0", "2"])
def test_an_enum_is_not_taken_by_number(given: Any) -> None:
    violations: list[Violation] = []
    decode = DECODERS.of(orders_pb2.StatusCount.DESCRIPTOR)
    decode(orders_pb2.StatusCount(), {"status": given}, "", violations)
    [violation] = violations
    assert violation.message.startswith("must be one of: created, pending")


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (catalog_pb2.ListProductsRequest.DESCRIPTOR, "sort"),
        (catalog_pb2.CreateProductRequest.DESCRIPTOR, "imageKey"),
        (payments_pb2.CreatePaymentRequest.DESCRIPTOR, "token"),
    ],
)
def test_an_empty_text_is_refused_where_the_schema_refuses_it(kind: Descriptor, name: str) -> None:
    violations: list[Violation] = []
    DECODERS.of(kind)(GetMessageClass(kind)(), {name: ""}, "", violations)
    assert [violation.field for violation in violations] == [name]


@pytest.mark.parametrize(
    ("given", "seconds", "nanos"),
    [
        ("1970-01-01T00:00:01Z", 1, 0),
        ("1970-01-01T01:00:01+01:00", 1, 0),
        ("1970-01-01T00:00:01.25-00:01", 61, 250_000_000),
        ("0001-01-01T00:00:00Z", -62135596800, 0),
        ("9999-12-31T23:59:59.999999999Z", 253402300799, 999_999_999),
    ],
)
def test_times_are_taken_with_fractions_and_offsets(given: str, seconds: int, nanos: int) -> None:
    message = _decoded(orders_pb2.TimelineEntry.DESCRIPTOR, {"at": given})
    assert isinstance(message, orders_pb2.TimelineEntry)
    assert (message.at.seconds, message.at.nanos) == (seconds, nanos)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"nonsense": 1}, [("nonsense", "is not a known field")]),
        ({"items": 1}, [("items", "must be a list")]),
        ({"items": [1]}, [("items[0]", "must be an object")]),
        ({"items": [None]}, [("items[0]", "must be an object")]),
        ({"items": [{"quantity": 1.5}]}, [("items[0].quantity", "must be a whole number")]),
        ({"items": [{"quantity": True}]}, [("items[0].quantity", "must be a whole number")]),
        ({"items": [{"quantity": "x"}]}, [("items[0].quantity", "must be a whole number")]),
        ({"items": [{"quantity": "1_0"}]}, [("items[0].quantity", "must be a whole number")]),
        (
            {"items": [{"quantity": 2**31}]},
            [("items[0].quantity", "must be between -2147483648 and 2147483647")],
        ),
        ({"items": [{"product_id": 7}]}, [("items[0].productId", "must be a string")]),
        ({"items": [{"productId": {"$gt": ""}}]}, [("items[0].productId", "must be a string")]),
        (
            {"items": [{"quantity": "a", "x": 1}, {"expectedPrice": []}], "y": None},
            [
                ("items[0].quantity", "must be a whole number"),
                ("items[0].x", "is not a known field"),
                ("items[1].expectedPrice", "must be an object"),
                ("y", "is not a known field"),
            ],
        ),
    ],
)
def test_every_violation_is_named_with_its_path(
    body: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    violations: list[Violation] = []
    decode = DECODERS.of(orders_pb2.CreateOrderRequest.DESCRIPTOR)
    decode(orders_pb2.CreateOrderRequest(), body, "", violations)
    assert violations == expected


@pytest.mark.parametrize(
    "given",
    ["yesterday", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", 5, "", "٢" * 4],
)
def test_what_is_no_time_is_refused(given: Any) -> None:
    violations: list[Violation] = []
    decode = DECODERS.of(orders_pb2.TimelineEntry.DESCRIPTOR)
    decode(orders_pb2.TimelineEntry(), {"at": given}, "", violations)
    assert violations == [Violation("at", "must be a time such as 2026-11-23T09:30:00Z")]


def test_two_members_of_a_oneof_are_refused() -> None:
    violations: list[Violation] = []
    decode = DECODERS.of(payments_pb2.CreatePaymentRequest.DESCRIPTOR)
    body = {"token": "tok_visa", "paymentMethodId": "pm_card_visa"}
    decode(payments_pb2.CreatePaymentRequest(), body, "", violations)
    assert violations == [Violation("paymentMethodId", "cannot be given together with token")]


def test_null_is_absent() -> None:
    assert _decoded(payments_pb2.CreatePaymentRequest.DESCRIPTOR, {"token": None}) == (
        payments_pb2.CreatePaymentRequest()
    )


def test_a_field_that_is_left_out_is_unknown_and_unwritten() -> None:
    kind = payments_pb2.CreatePaymentRequest.DESCRIPTOR
    violations: list[Violation] = []
    message = payments_pb2.CreatePaymentRequest(order_id="o")
    DECODERS.of(kind, {"order_id"})(message, {"orderId": "x"}, "", violations)
    assert violations == [Violation("orderId", "is not a known field")]
    assert ENCODERS.of(kind, {"order_id"})(message) == {"idempotencyKey": ""}

"""Fields given as texts."""

from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.notify.v1 import notify_pb2

from chassis.contract.validation import Violation
from gateway.protojson.params import params_of, set_params


def test_a_repeated_field_takes_any_number_of_texts() -> None:
    message = notify_pb2.MarkReadRequest()
    fields = params_of(notify_pb2.MarkReadRequest.DESCRIPTOR)
    violations: list[Violation] = []
    set_params(fields, message, [("ids", "a"), ("ids", "b")], violations)
    assert violations == []
    assert list(message.ids) == ["a", "b"]


def test_a_field_of_a_field_in_all_spellings() -> None:
    fields = params_of(catalog_pb2.CreateProductRequest.DESCRIPTOR)
    for amount in ("price.amountMinor", "price.amount_minor", "price[amountMinor]"):
        message = catalog_pb2.CreateProductRequest()
        violations: list[Violation] = []
        set_params(fields, message, [(amount, "5"), ("price.currency", "USD")], violations)
        assert violations == []
        assert message.price == money_pb2.Money(amount_minor=5, currency="USD")


def test_a_field_of_a_field_that_is_zero_is_there() -> None:
    message = catalog_pb2.CreateProductRequest()
    fields = params_of(catalog_pb2.CreateProductRequest.DESCRIPTOR)
    set_params(fields, message, [("price.amountMinor", "0")], [])
    assert message.HasField("price")


def test_fields_that_are_left_out_are_unknown() -> None:
    fields = params_of(notify_pb2.ListMessagesRequest.DESCRIPTOR, {"audience"})
    assert set(fields) == {"afterSequence", "after_sequence"}

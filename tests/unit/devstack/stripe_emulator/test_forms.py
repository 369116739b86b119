import pytest

from devstack.stripe_emulator.errors import ParameterError
from devstack.stripe_emulator.forms import MAX_FIELDS, nest, pairs


def test_brackets_become_levels() -> None:
    flat = pairs("amount=500&metadata[order_id]=o%2F1&payment_method_data[card][token]=tok_visa")

    assert nest(flat) == {
        "amount": "500",
        "metadata": {"order_id": "o/1"},
        "payment_method_data": {"card": {"token": "tok_visa"}},
    }


def test_empty_brackets_append_and_blank_values_stay() -> None:
    assert nest(pairs("expand[]=a&expand[]=b&description=")) == {
        "expand": {"0": "a", "1": "b"},
        "description": "",
    }


@pytest.mark.parametrize(
    "text",
    ["a[b=1", "[a]=1", "a]b=1", "a=1&a[b]=2", "a[b]=2&a=1", "a" + "[b]" * 20 + "=1"],
)
def test_contradictions_are_refused(text: str) -> None:
    with pytest.raises(ParameterError):
        nest(pairs(text))


def test_too_many_fields_are_refused() -> None:
    with pytest.raises(ParameterError):
        pairs("&".join(f"a{i}=1" for i in range(MAX_FIELDS + 1)))

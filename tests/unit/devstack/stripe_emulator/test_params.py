import pytest

from devstack.stripe_emulator.errors import ParameterError
from devstack.stripe_emulator.forms import nest
from devstack.stripe_emulator.params import Params


def params(**flat: str) -> Params:
    return Params(nest(flat.items()))


def test_unknown_parameters_are_named_in_full() -> None:
    nested = Params(nest([("card[colour]", "red")])).within("card")

    with pytest.raises(ParameterError) as refused:
        nested.only("number")

    assert refused.value.code == "parameter_unknown"
    assert refused.value.details["param"] == "card[colour]"


@pytest.mark.parametrize(("value", "code"), [("", "parameter_invalid_empty"), (None, None)])
def test_a_required_parameter_is_missing_or_empty(value: str | None, code: str | None) -> None:
    given = params() if value is None else params(currency=value)

    with pytest.raises(ParameterError) as refused:
        given.required("currency")

    assert refused.value.code == (code or "parameter_missing")


@pytest.mark.parametrize("value", ["1.5", "abc", "0", "-1", "100000000", "²", "1e3", "9" * 40])
def test_integers_are_whole_and_bounded(value: str) -> None:
    with pytest.raises(ParameterError) as refused:
        params(amount=value).integer("amount")

    assert refused.value.code == "parameter_invalid_integer"


def test_metadata_merges_removes_and_clears() -> None:
    present = {"kept": "1", "gone": "2"}
    merging = Params(nest([("metadata[gone]", ""), ("metadata[7]", "seven")]))

    assert merging.metadata(present) == {"kept": "1", "7": "seven"}
    assert params(metadata="").metadata(present) == {}
    assert params().metadata(present) == present


@pytest.mark.parametrize(
    "flat",
    [
        [("metadata[" + "k" * 41 + "]", "v")],
        [("metadata[k]", "v" * 501)],
        [(f"metadata[k{i}]", "v") for i in range(51)],
        [("metadata", "text")],
    ],
)
def test_metadata_has_limits(flat: list[tuple[str, str]]) -> None:
    with pytest.raises(ParameterError):
        Params(nest(flat)).metadata({})


def test_items_come_in_the_order_of_their_indexes() -> None:
    assert Params(nest([("expand[1]", "b"), ("expand[0]", "a")])).items("expand") == ["a", "b"]

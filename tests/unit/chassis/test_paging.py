import base64
import json
from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.clock import to_milliseconds
from chassis.errors import InvalidField
from chassis.rpc.paging import (
    DEFAULT_PAGE_SIZE,
    Part,
    decode_page_token,
    encode_page_token,
    page_size,
)

INT64 = 2**63

texts = st.text(st.characters(exclude_categories=["Cs"]))
parts = st.one_of(
    texts,
    st.integers(-INT64, INT64 - 1),
    st.datetimes(timezones=st.just(UTC)).map(to_milliseconds),
)
scalars = st.one_of(st.none(), st.booleans(), st.floats(), texts, st.integers())
positions = st.lists(parts, max_size=5)


def token_of(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_the_page_size_asked_for_is_taken() -> None:
    assert page_size(7) == 7


def test_no_page_size_is_the_default() -> None:
    assert page_size(0) == DEFAULT_PAGE_SIZE == 24


def test_no_token_is_the_first_page() -> None:
    assert decode_page_token("", "any", [str]) is None


@given(scope=texts, position=positions)
def test_a_token_brings_its_position_back(scope: str, position: list[Part]) -> None:
    token = encode_page_token(scope, position)
    types = [type(part) for part in position]
    assert decode_page_token(token, scope, types) == tuple(position)


@given(position=positions)
def test_a_token_needs_no_escaping_in_a_query(position: list[Part]) -> None:
    token = encode_page_token("scope", position)
    assert all(character.isalnum() or character in "-_" for character in token)
    assert token.isascii()


@given(scope=texts, other=texts)
def test_a_token_of_another_list_is_refused(scope: str, other: str) -> None:
    if scope == other:
        return
    with pytest.raises(InvalidField) as caught:
        decode_page_token(encode_page_token(scope, ["a"]), other, [str])
    assert caught.value.field == "page_token"


@given(token=st.text(min_size=1))
def test_any_text_is_refused(token: str) -> None:
    with pytest.raises(InvalidField):
        decode_page_token(token, "scope", [str, int])


@given(value=st.recursive(scalars, st.lists))
def test_any_forged_json_is_refused(value: Any) -> None:
    with pytest.raises(InvalidField):
        decode_page_token(token_of(value), "scope", [str, int])


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(["a"], id="too short"),
        pytest.param(["a", 1, 2], id="too long"),
        pytest.param([1, "a"], id="types swapped"),
        pytest.param(["a", True], id="bool for int"),
        pytest.param(["a", 1.0], id="float for int"),
        pytest.param(["a", INT64], id="more than MongoDB's integers hold"),
        pytest.param(["\ud800", 1], id="half a surrogate pair"),
        pytest.param([{"$gt": ""}, 1], id="an operator"),
    ],
)
def test_a_forged_position_is_refused(forged: list[Any]) -> None:
    digest = json.loads(base64.b64decode(encode_page_token("scope", []) + "=="))[0]
    with pytest.raises(InvalidField):
        decode_page_token(token_of([digest, *forged]), "scope", [str, int])


@pytest.mark.parametrize("time", [2**62, -(2**62), 253_402_300_800_000, 1.0, True, "1", None])
def test_a_forged_time_is_refused(time: Any) -> None:
    digest = json.loads(base64.b64decode(encode_page_token("scope", []) + "=="))[0]
    with pytest.raises(InvalidField):
        decode_page_token(token_of([digest, time]), "scope", [datetime])


@given(position=positions)
def test_what_is_decoded_can_be_asked_of_mongodb(position: list[Part]) -> None:
    token = encode_page_token("scope", position)
    decoded = decode_page_token(token, "scope", [type(part) for part in position])
    bson.encode({"position": decoded})

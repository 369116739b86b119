"""What patterns take, in words."""

import pytest
from google.protobuf.descriptor import Descriptor
from shop.options.v1 import options_pb2

from chassis.contract.patterns import takes_empty, wanted
from gateway.contract import load_files, rules_of

FieldRules = options_pb2.FieldRules


def test_every_pattern_of_the_contract_says_what_it_takes() -> None:
    silent = []
    kinds = [kind for file in load_files() for kind in file.message_types_by_name.values()]
    while kinds:
        kind: Descriptor = kinds.pop()
        kinds += kind.nested_types
        for field in kind.fields:
            rules = rules_of(field)
            if rules.pattern and wanted(rules) in {"must be ", "must be"}:
                silent.append(field.full_name)
    assert silent == []


@pytest.mark.parametrize(
    ("rules", "text", "empty"),
    [
        (
            FieldRules(pattern="^(newest|price|-price)$"),
            "must be one of: newest, price, -price",
            False,
        ),
        (FieldRules(pattern="^[A-Z]{3}$", pattern_hint="a currency"), "must be a currency", False),
        (FieldRules(pattern="^[a-z]*$", pattern_hint="letters"), "must be letters", True),
        (FieldRules(min_length=2), "must be at least 2 characters long", False),
        (FieldRules(max_length=2), "must be at least 1 characters long", True),
    ],
)
def test_rules_in_words(rules: FieldRules, text: str, empty: bool) -> None:
    assert wanted(rules) == text
    assert takes_empty(rules) is empty

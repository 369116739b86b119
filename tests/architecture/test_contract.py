"""The contract says of each RPC what it refuses with, and what a repetition of it does."""

import re

import pytest
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from shop.options.v1 import options_pb2

from chassis.contract.reasons import reason_name, reasons
from chassis.contract.rpc_rules import GENERAL_REASONS
from gateway.contract import load_rpcs
from gateway.openapi.proto_comments import load_comments

RPCS = {rpc.method.full_name: rpc.method for rpc in load_rpcs()}
COMMENTS = load_comments()
WORD = re.compile(r"[A-Z]+(?:_[A-Z]+)+")


def rules_of(method: MethodDescriptor) -> options_pb2.RpcRules:
    rules: options_pb2.RpcRules = method.GetOptions().Extensions[options_pb2.rpc]
    return rules


@pytest.mark.parametrize("name", RPCS)
def test_the_reasons_that_a_comment_names_are_annotated(name: str) -> None:
    named = {word for word in WORD.findall(COMMENTS.get(name, "")) if word in reasons()}
    annotated = {reason_name(reason) for reason in rules_of(RPCS[name]).reasons}
    assert named - GENERAL_REASONS <= annotated


@pytest.mark.parametrize("name", RPCS)
def test_reasons_that_follow_from_other_annotations_are_not_repeated(name: str) -> None:
    annotated = [reason_name(reason) for reason in rules_of(RPCS[name]).reasons]
    assert len(set(annotated)) == len(annotated)
    assert not GENERAL_REASONS & set(annotated)


@pytest.mark.parametrize("name", RPCS)
def test_it_is_said_what_a_repetition_does(name: str) -> None:
    is_idempotent = RPCS[name].GetOptions().idempotency_level != MethodOptions.IDEMPOTENCY_UNKNOWN
    repetition = rules_of(RPCS[name]).repetition
    assert is_idempotent == (repetition == options_pb2.REPETITION_UNSPECIFIED)

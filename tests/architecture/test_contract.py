"""The contract says of each RPC what it refuses with, and what a repetition of it does."""

import re

import pytest
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from shop.options.v1 import options_pb2

from chassis.contract.reasons import reason_name, reasons
from chassis.contract.rpc_rules import GENERAL_REASONS
from gateway.contract import Rpc, load_files, load_rpcs
from gateway.contract import rules_of as rules_of_field
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


ADMINS_OWN = [
    rpc for rpc in load_rpcs() if options_pb2.CALLER_ADMIN in rpc.callers and rpc.has_side_effects
]
# Half of a product's creation or change: what is done with the picture is recorded there.
PARTS = {"UploadImage"}


@pytest.mark.parametrize("rpc", ADMINS_OWN, ids=lambda rpc: rpc.method.name)
def test_what_admins_change_is_audited(rpc: Rpc) -> None:
    assert (rpc.audit is not None) == (rpc.method.name not in PARTS)


AUDITED = [rpc for rpc in load_rpcs() if rpc.audit is not None]
SECRET = re.compile("password|secret|token|card")


def has_field(message: Descriptor | None, path: str) -> bool:
    """Whether there is a field at that path."""
    name, _, rest = path.partition(".")
    field = message.fields_by_name.get(name) if message else None
    return field is not None and (not rest or has_field(field.message_type, rest))


@pytest.mark.parametrize("rpc", AUDITED, ids=lambda rpc: rpc.method.name)
def test_what_is_audited_is_there_and_no_secret(rpc: Rpc) -> None:
    assert rpc.audit is not None
    types = rpc.method.input_type, rpc.method.output_type
    subject = rpc.audit.subject
    assert rpc.audit.kind
    assert not subject or any(has_field(each, subject) for each in types)
    assert [path for path in rpc.audit.recorded if not has_field(types[0], path)] == []
    assert [path for path in rpc.audit.recorded if SECRET.search(path)] == []


def test_an_action_is_known_by_the_name_of_its_rpc_alone() -> None:
    names = [rpc.method.name for rpc in AUDITED]
    assert len(set(names)) == len(names)


def is_kept(rpc: Rpc) -> bool:
    return rpc.rules.cache.edge_seconds > 0


def name_of(tag: str) -> str:
    return tag.partition("{")[0]


KEPT = [rpc for rpc in load_rpcs() if is_kept(rpc)]
PURGED = {name_of(tag) for rpc in load_rpcs() for tag in rpc.rules.purges}
PURGED_BY_EVENTS = {
    name_of(tag)
    for file in load_files()
    for message in file.message_types_by_name.values()
    for tag in message.GetOptions().Extensions[options_pb2.event].purges
}


@pytest.mark.parametrize("rpc", KEPT, ids=lambda rpc: rpc.method.name)
def test_only_answers_that_are_the_same_for_everyone_are_kept(rpc: Rpc) -> None:
    assert rpc.callers == {options_pb2.CALLER_PUBLIC}
    assert not rpc.has_side_effects
    assert [binding.verb for binding in rpc.bindings] == ["GET"]
    fields = [*rpc.method.input_type.fields, *rpc.method.output_type.fields]
    of_one = [
        each.name
        for each in fields
        if rules_of_field(each).HasField("cookie") or rules_of_field(each).header
    ]
    assert of_one == []


def test_what_is_kept_is_ended_by_events_and_nothing_else_is() -> None:
    kept = {name_of(tag) for rpc in KEPT for tag in rpc.rules.cache.tags}
    assert kept == PURGED_BY_EVENTS == PURGED


PACKAGES = {rpc.package for rpc in KEPT}


@pytest.mark.parametrize(
    "rpc",
    [rpc for rpc in load_rpcs() if rpc.package in PACKAGES and rpc.bindings],
    ids=lambda rpc: rpc.method.name,
)
def test_what_changes_what_is_kept_of_a_package_says_so(rpc: Rpc) -> None:
    assert rpc.has_side_effects == bool(rpc.rules.purges)


def test_each_event_of_a_package_of_which_is_kept_purges() -> None:
    silent = [
        message.full_name
        for file in load_files()
        if file.package in PACKAGES
        for message in file.message_types_by_name.values()
        if (rules := message.GetOptions().Extensions[options_pb2.event]).topic and not rules.purges
    ]
    assert silent == []

"""JSON Schemas (2020-12, as in OpenAPI 3.1) of the contract's messages."""

from collections.abc import Collection, Mapping
from itertools import combinations
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from shop.options.v1 import options_pb2

from gateway.contract import rules_of
from gateway.protojson.compiler import ANY, TIMESTAMP, is_choice
from gateway.protojson.encode import enum_names

Schema = dict[str, Any]

_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: "int32",
    FieldDescriptor.CPPTYPE_INT64: "int64",
    FieldDescriptor.CPPTYPE_UINT32: "int64",
    FieldDescriptor.CPPTYPE_UINT64: "int64",
}
_TIME: Schema = {"type": "string", "format": "date-time"}


class Schemas:
    """Makes the schemas of messages, and keeps those with names.

    A type is described twice where it goes both ways: what is sent may leave fields out, what is
    answered has them all.

    Attributes:
        components: Name -> schema.
    """

    def __init__(self, comments: Mapping[str, str]) -> None:
        self.components: dict[str, Schema] = {}
        self._comments = comments

    def answered(self, descriptor: Descriptor, leave_out: Collection[str] = ()) -> Schema:
        """Reference to the schema of a message in a response."""
        name = descriptor.name
        if name not in self.components:
            self.components[name] = {}
            fields = [field for field in descriptor.fields if field.name not in leave_out]
            self.components[name] = self._object(descriptor) | {
                "properties": {field.json_name: self._answered(field) for field in fields},
                "required": [field.json_name for field in fields if not is_choice(field)],
                "additionalProperties": False,
            }
        return _reference(name)

    def sent(self, descriptor: Descriptor, leave_out: Collection[str] = ()) -> Schema:
        """Reference to the schema of a message in a request."""
        name = descriptor.name
        if not name.endswith("Request"):
            name += "Input"
        if name not in self.components:
            self.components[name] = {}
            fields = [field for field in descriptor.fields if field.name not in leave_out]
            self.components[name] = (
                self._object(descriptor)
                | {
                    "properties": {field.json_name: self._sent(field) for field in fields},
                    # What a header may give instead is not required of the body.
                    "required": [field.json_name for field in fields if _is_required(field)],
                    "additionalProperties": False,
                }
                | _choices(descriptor)
            )
        return _reference(name)

    def _sent(self, field: FieldDescriptor) -> Schema:
        """The schema of a field of a body: `null` is the same as to leave it out."""
        schema = self.sent_field(field)
        return schema if _is_required(field) else _or_null(schema)

    def sent_field(self, field: FieldDescriptor) -> Schema:
        """The schema of a field in a request, with its rules."""
        rules = rules_of(field)
        if field.message_type is not None:
            one = self._message(field.message_type, self.sent)
        else:
            one = _scalar(field) | _limits(field, rules)
        return self._described(field, _list(one, rules) if field.is_repeated else one)

    def _answered(self, field: FieldDescriptor) -> Schema:
        if field.message_type is not None:
            one = self._message(field.message_type, self.answered)
        else:
            one = _scalar(field)
        if field.is_repeated:
            return self._described(field, {"type": "array", "items": one})
        if field.has_presence and not is_choice(field):
            one = _or_null(one)
        return self._described(field, one)

    def _message(self, descriptor: Descriptor, reference: Any) -> Schema:
        if descriptor.full_name == TIMESTAMP:
            return dict(_TIME)
        if descriptor.full_name == ANY:
            return {"type": "object"}
        schema: Schema = reference(descriptor)
        return schema

    def _object(self, descriptor: Descriptor) -> Schema:
        comment = self._comments.get(descriptor.full_name)
        return {"type": "object"} | ({"description": comment} if comment else {})

    def _described(self, field: FieldDescriptor, schema: Schema) -> Schema:
        comment = self._comments.get(field.full_name)
        return schema | ({"description": comment} if comment else {})


def _or_null(schema: Schema) -> Schema:
    description = {"description": schema["description"]} if "description" in schema else {}
    one = {name: value for name, value in schema.items() if name != "description"}
    return {"anyOf": [one, {"type": "null"}]} | description


def _is_required(field: FieldDescriptor) -> bool:
    rules = rules_of(field)
    return (rules.required or rules.min_items > 0) and not rules.header


def _choices(descriptor: Descriptor) -> Schema:
    """Of each choice at most one member may be given."""
    refused = [
        {"required": [one.json_name, other.json_name]}
        for choice in descriptor.oneofs
        for one, other in combinations(choice.fields, 2)
    ]
    return {"not": {"anyOf": refused}} if refused else {}


def _scalar(field: FieldDescriptor) -> Schema:
    if field.cpp_type in _INTEGERS:
        return {"type": "integer", "format": _INTEGERS[field.cpp_type]}
    if field.enum_type is not None:
        names = enum_names(field.enum_type)
        return {"type": "string", "enum": [name for number, name in names.items() if number]}
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return {"type": "boolean"}
    if field.type == FieldDescriptor.TYPE_BYTES:
        return {"type": "string", "contentEncoding": "base64"}
    if field.type == FieldDescriptor.TYPE_STRING:
        return {"type": "string"}
    return {"type": "number"}


def _limits(field: FieldDescriptor, rules: options_pb2.FieldRules) -> Schema:
    limits = {
        "minLength": rules.min_length if rules.HasField("min_length") else None,
        "maxLength": rules.max_length if rules.HasField("max_length") else None,
        "minimum": rules.minimum if rules.HasField("minimum") else None,
        "maximum": rules.maximum if rules.HasField("maximum") else None,
        "pattern": rules.pattern or None,
    }
    if field.type == FieldDescriptor.TYPE_STRING and rules.required:
        limits["minLength"] = max(1, rules.min_length)
    return {name: value for name, value in limits.items() if value is not None}


def _list(one: Schema, rules: options_pb2.FieldRules) -> Schema:
    schema: Schema = {"type": "array", "items": one}
    if rules.HasField("min_items"):
        schema["minItems"] = rules.min_items
    if rules.HasField("max_items"):
        schema["maxItems"] = rules.max_items
    return schema


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}

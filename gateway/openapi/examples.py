"""Example values that satisfy a schema."""

import re
from collections.abc import Mapping
from typing import Any

from gateway.openapi.schemas import Schema

_TEXTS = ("example", "ada@example.com", "USD", "newest", "+44 20 7946 0000", "0" * 32, "640.webp")
_PREFIX = "#/components/schemas/"


def example_of(schema: Schema, components: Mapping[str, Schema]) -> Any:
    """A value that `schema` takes.

    Args:
        schema: The schema, of an object or of a single value.
        components: Name -> schema, for references.
    """
    if "$ref" in schema:
        return example_of(components[schema["$ref"].removeprefix(_PREFIX)], components)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], components)
    kind = schema["type"]
    if kind == "object":
        refused = schema.get("not", {}).get("anyOf", [])
        beside = {name for pair in refused for name in pair["required"][1:]}
        return {
            name: example_of(inner, components)
            for name, inner in schema.get("properties", {}).items()
            if name not in beside
        }
    if kind == "array":
        return [example_of(schema["items"], components)]
    if kind == "string":
        return _text(schema)
    if kind == "boolean":
        return True
    return max(1, schema.get("minimum", 1))


def _text(schema: Schema) -> str:
    if "enum" in schema:
        first: str = schema["enum"][0]
        return first
    if schema.get("format") == "date-time":
        return "2026-11-23T09:30:00Z"
    if "contentEncoding" in schema:
        return "AAAA"
    pattern = re.compile(schema.get("pattern", ""))
    least = schema.get("minLength", 0)
    for text in _TEXTS:
        padded = text.ljust(least, "-")
        if pattern.search(padded) and len(padded) <= schema.get("maxLength", len(padded)):
            return padded
    raise ValueError(f"no example fits {schema}")

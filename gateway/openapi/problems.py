"""What `/openapi.json` says of problems: their schema, and which ones an operation may answer."""

import re
from collections.abc import Sequence

from shop.options.v1 import options_pb2

from chassis.contract.reasons import reasons
from gateway.http.problems import CONTENT_TYPE
from gateway.openapi.schemas import Schema
from gateway.transcoding.operation import Operation
from gateway.transcoding.request import variables_of

_WORD = re.compile(r"[A-Z]+(?:_[A-Z]+)+")
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def reasons_of(operation: Operation, comment: str) -> list[str]:
    """What may go wrong: what the comment names, and what follows from the annotations."""
    rpc = operation.rpc
    names = [name for name in _WORD.findall(comment) if name in reasons()]
    if rpc.method.input_type.fields:
        names.append("VALIDATION_FAILED")
    if not rpc.is_public:
        names.append("UNAUTHENTICATED")
        if options_pb2.CALLER_USER not in rpc.rules.callers:
            names.append("PERMISSION_DENIED")
    if operation.binding.verb != "GET":
        names.append("ORIGIN_NOT_ALLOWED")
    if operation.binding.body:
        names += ["PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"]
    if variables_of(operation.binding.template):
        names.append("NOT_FOUND")
    return list(dict.fromkeys([*names, "UNAVAILABLE", "DEADLINE_EXCEEDED"]))


def refusal(names: Sequence[str]) -> Schema:
    """The response that answers with a problem, for one of these reasons or for any."""
    schema: Schema = _PROBLEM
    if names:
        schema = {"allOf": [_PROBLEM, {"properties": {"reason": {"enum": list(names)}}}]}
    description = "; ".join(reasons()[name].title for name in names) or "A refusal."
    return {"description": description, "content": {CONTENT_TYPE.decode(): {"schema": schema}}}


def problem_schema() -> Schema:
    """The schema of a problem document."""
    text: Schema = {"type": "string"}
    error = {"type": "object", "properties": {"field": text, "message": text}}
    return {
        "type": "object",
        "description": "A problem document (RFC 9457). Some reasons have further members.",
        "properties": {
            "type": text | {"format": "uri-reference"},
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "instance": text | {"format": "uri-reference"},
            "reason": text | {"enum": list(reasons())},
            "requestId": text,
            "errors": {"type": "array", "items": error | {"required": ["field", "message"]}},
        },
        "required": [
            *("type", "title", "status", "detail", "instance", "reason", "requestId", "errors")
        ],
    }

"""What `/openapi.json` says of problems: their schema, and which ones an operation may answer."""

from collections.abc import Sequence

from shop.options.v1 import options_pb2

from chassis.contract.reasons import reason_name, reasons
from chassis.contract.validation import Violation
from gateway.http.problems import CONTENT_TYPE, Problem
from gateway.openapi.schemas import Schema
from gateway.transcoding.operation import Operation

# Of the examples.
_INSTANCE = "/api/cart/add"
_REQUEST_ID = "01m8anywzyrb2vkgkpqhws5rvx"
_VIOLATION = Violation("quantity", "must be at most 99")

_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def reasons_of(operation: Operation) -> list[str]:
    """What may go wrong: the reasons of the RPC, and what follows from its other annotations."""
    rpc = operation.rpc
    names = [reason_name(reason) for reason in rpc.rules.reasons]
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
    return list(dict.fromkeys([*names, "RATE_LIMITED", "UNAVAILABLE", "DEADLINE_EXCEEDED"]))


def refusal(names: Sequence[str]) -> Schema:
    """The response that answers with a problem, for one of these reasons or for any."""
    content: Schema = {"schema": _PROBLEM}
    if names:
        content = {
            "schema": {"allOf": [_PROBLEM, {"properties": {"reason": {"enum": list(names)}}}]},
            "examples": {name: {"value": _example(name)} for name in names},
        }
    description = "; ".join(reasons()[name].title for name in names) or "A refusal."
    return {"description": description, "content": {CONTENT_TYPE.decode(): content}}


def _example(name: str) -> Schema:
    """A problem document for a reason."""
    errors = [_VIOLATION] if name == "VALIDATION_FAILED" else []
    return Problem(name, errors=errors).document(_INSTANCE, _REQUEST_ID)


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

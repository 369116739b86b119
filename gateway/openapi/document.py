"""`/openapi.json` (3.1), derived from the contract and its comments."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from shop.options.v1 import options_pb2

from chassis.contract.reasons import reasons
from gateway.cache.rules import keeping_of
from gateway.contract import Rpc, rules_of
from gateway.http.body import MULTIPART
from gateway.http.credentials import SESSION, CookieJar
from gateway.openapi.examples import example_of
from gateway.openapi.problems import problem_schema, reasons_of, refusal
from gateway.openapi.proto_comments import load_comments
from gateway.openapi.schemas import Schema, Schemas
from gateway.protojson.names import camel_case
from gateway.protojson.params import params_of
from gateway.transcoding.operation import Operation
from gateway.transcoding.request import fields_elsewhere, takes_raw_body, variables_of
from gateway.transcoding.response import HTTP_BODY, cache_control
from gateway.transcoding.uploads import part_name

_JSON = "application/json"
_WHOLE_MESSAGE = "*"
_UNSHOWN_HEADERS = {"user-agent"}
_DESCRIPTION = """\
Names are camelCase. Money is `{"amountMinor": 1999, "currency": "USD"}`, times are RFC 3339.
Lists have `nextPageToken`, which goes into `pageToken`; it is empty on the last page. What is
absent is `null`. Every refusal is a problem document (RFC 9457) whose `reason` is one of
[these](/docs/problems). State-changing requests of browsers must come from an allowed origin.
`RateLimit-Remaining` says how many calls of this kind you may still make in the next
`RateLimit-Reset` seconds; one too many is answered 429 with `Retry-After`.

Live updates: WebSocket `/ws/notifications?resume=` and the last id you have, or nothing where you
have none. Frames are `{id, type, time, data}`, the first is `ready`; then comes what you missed
since that id, and then what happens. Keep the id of each frame that has one. Where too much was
missed, an `error` frame with the reason `RESUME_TOO_OLD` asks you to load anew what you show.
Without `resume` in the address you may send `{"type": "resume", "id": ...}` once you are
connected: `ready` has no id then, and you keep none of frames that came before you sent it.
Send `{"type": "auth", "token": ...}` to say who you are without a cookie, and `{"type": "ping"}`,
which `{"type": "pong"}` answers; what is refused is answered by
`{"type": "error", "reason", "detail"}`. Close codes: 4401 the session ended, 4403 not this user,
4408 read too slowly, 4429 too many connections, 1008 said too much, 1009 a message over 16 KiB,
1012 and 1013 connect again; after 1008, 4401, 4408, 1012 and 1013, resume. You may say 60 things
in 10 seconds, of which each `auth` and each `resume` counts as ten. A network with too many
connections is refused the handshake: 429 `RATE_LIMITED`.
"""


def openapi_document(operations: Sequence[Operation], cookies: CookieJar) -> Schema:
    """The document, as orjson takes it."""
    writer = _Writer(load_comments())
    paths: dict[str, Schema] = {}
    for operation in operations:
        path = camel_case(operation.binding.template)
        verb = operation.binding.verb.lower()
        paths.setdefault(path, {})[verb] = writer.operation(operation)
    schemas = writer.schemas.components | {"Problem": problem_schema()}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1", "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": writer.tags(operations),
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": cookies.name_of(SESSION)},
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


class _Writer:
    def __init__(self, comments: Mapping[str, str]) -> None:
        self.schemas = Schemas(comments)
        self._comments = comments

    def tags(self, operations: Iterable[Operation]) -> list[Schema]:
        services = {op.rpc.method.containing_service.full_name: _tag(op) for op in operations}
        return [
            {"name": tag, "description": self._comments.get(service, "")}
            for service, tag in services.items()
        ]

    def operation(self, operation: Operation) -> Schema:
        rpc, binding = operation.rpc, operation.binding
        comment = self._comments.get(rpc.method.full_name, "")
        is_alias = binding is not rpc.bindings[0]
        name = rpc.method.name[0].lower() + rpc.method.name[1:]
        document: Schema = {
            "operationId": f"{name}{rpc.bindings.index(binding) + 1}" if is_alias else name,
            "tags": [_tag(operation)],
            "summary": comment.partition(".")[0],
            "description": comment,
            "x-callers": [_caller(caller) for caller in rpc.rules.callers],
            "security": _security(operation),
            "parameters": list(self._parameters(operation)),
            "responses": self._responses(operation),
        }
        if body := self._body(operation):
            document["requestBody"] = body
        return document

    def _parameters(self, operation: Operation) -> Iterator[Schema]:
        rpc, binding = operation.rpc, operation.binding
        fields = rpc.method.input_type.fields_by_name
        variables = variables_of(binding.template)
        for variable in variables:
            field = fields[variable]
            yield self._parameter(field.json_name, "path", self.schemas.sent_field(field), True)
        for field in rpc.method.input_type.fields:
            header = rules_of(field).header
            if header and header.lower() not in _UNSHOWN_HEADERS:
                yield self._parameter(header, "header", self.schemas.sent_field(field), False)
        if binding.body:
            return
        for label, name in self._query_fields(operation):
            field = fields[name]
            is_required = rules_of(field).required
            schema = self.schemas.sent_field(field)
            yield self._parameter(label, "query", schema, is_required)

    def _query_fields(self, operation: Operation) -> list[tuple[str, str]]:
        elsewhere = fields_elsewhere(operation.rpc, operation.binding)
        params = params_of(operation.rpc.method.input_type, elsewhere)
        return list({text.label: text.name for text in params.values() if not text.parents}.items())

    def _parameter(self, name: str, place: str, schema: Schema, is_required: bool) -> Schema:
        schema = dict(schema)
        description = schema.pop("description", "")
        return {
            "name": name,
            "in": place,
            "required": is_required,
            "description": description,
            "schema": schema,
        }

    def _body(self, operation: Operation) -> Schema | None:
        rpc, binding = operation.rpc, operation.binding
        if not binding.body:
            return None
        if takes_raw_body(rpc, binding):
            content: Schema = {_JSON: {"schema": {"description": "Taken as it is, to the byte."}}}
            return {"required": True, "content": content}
        elsewhere = fields_elsewhere(rpc, binding)
        reference = (
            self.schemas.sent(rpc.method.input_type, elsewhere)
            if binding.body == _WHOLE_MESSAGE
            else self.schemas.sent_field(rpc.method.input_type.fields_by_name[binding.body])
        )
        example = example_of(reference, self.schemas.components)
        content = {_JSON: {"schema": reference, "example": example}}
        uploads = [field for field in rpc.method.input_type.fields if rules_of(field).upload]
        if uploads:
            content[MULTIPART] = {"schema": self._form(operation, part_name(uploads[0]))}
        return {"required": bool(example), "content": content}

    def _form(self, operation: Operation, part: str) -> Schema:
        elsewhere = fields_elsewhere(operation.rpc, operation.binding)
        descriptor = operation.rpc.method.input_type
        # An object is sent as JSON in one part, or in a part for each of its fields.
        properties: Schema = {
            field.json_name: self.schemas.sent_field(field)
            for field in descriptor.fields
            if field.message_type is not None and field.name not in elsewhere
        }
        for text in params_of(descriptor, elsewhere).values():
            holder = descriptor
            for parent in text.parents:
                holder = holder.fields_by_name[parent].message_type or holder
            properties[text.label] = self.schemas.sent_field(holder.fields_by_name[text.name])
        properties[part] = {"type": "string", "contentMediaType": "application/octet-stream"}
        return {"type": "object", "properties": properties, "additionalProperties": False}

    def _responses(self, operation: Operation) -> Schema:
        rpc = operation.rpc
        success = str(rpc.rules.success_status or 200)
        responses = {success: self._success(operation, success)}
        if rpc.rules.accepted_field:
            responses["202"] = self._success(operation, success) | {
                "description": f"`{camel_case(rpc.rules.accepted_field)}` is true."
            }
        if operation.binding.verb == "GET" and (headers := _caching_headers(rpc)):
            responses["304"] = {
                "description": "What `If-None-Match` names is what there is still.",
                "headers": headers,
            }
        by_status: dict[int, list[str]] = {}
        for name in reasons_of(operation):
            by_status.setdefault(reasons()[name].status, []).append(name)
        for status, names in sorted(by_status.items()):
            responses[str(status)] = refusal(names)
        return responses | {"default": refusal([])}

    def _success(self, operation: Operation, status: str) -> Schema:
        rpc = operation.rpc
        response: Schema = {"description": self._comments.get(rpc.method.output_type.full_name, "")}
        response["description"] = response["description"] or "Success."
        if headers := _caching_headers(rpc):
            response["headers"] = headers
        if rpc.method.output_type.full_name == HTTP_BODY:
            response["content"] = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
        elif status != "204":
            cookies = {
                field.name
                for field in rpc.method.output_type.fields
                if rules_of(field).HasField("cookie")
            }
            schema = self.schemas.answered(rpc.method.output_type, cookies)
            example = example_of(schema, self.schemas.components)
            response["content"] = {_JSON: {"schema": schema, "example": example}}
        return response


def _caching_headers(rpc: Rpc) -> Schema:
    """The headers that tell of versions and copies; none where there are none."""
    is_kept = keeping_of(rpc) is not None
    headers: Schema = {}
    if rpc.rules.etag or is_kept:
        tag = "Its version." if rpc.rules.etag else "A digest of the body."
        headers["ETag"] = _header(f"{tag} Weak, with `W/` before it, where the body is compressed.")
    if is_kept:
        headers["Cache-Control"] = _header(f"`{cache_control(rpc)}`.")
        headers["Age"] = _header(
            "How many seconds ago the gateway has asked for it: a copy is answered, as long as "
            f"nothing that it tells of has changed, for {rpc.rules.cache.edge_seconds} at most."
        )
    return headers


def _header(description: str) -> Schema:
    return {"description": description, "schema": {"type": "string"}}


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    ways: list[dict[str, list[str]]] = [{"cookie": []}, {"bearer": []}]
    if not operation.rpc.is_public:
        return ways
    return [{}, *ways] if operation.rpc.knows_callers else []


def _caller(caller: "options_pb2.Caller.ValueType") -> str:
    return options_pb2.Caller.Name(caller).removeprefix("CALLER_").lower()


def _tag(operation: Operation) -> str:
    return operation.rpc.method.containing_service.name.removesuffix("Service")

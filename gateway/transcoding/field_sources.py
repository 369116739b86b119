"""Where the fields of a request come from besides path, headers and cookies: query and body.

A source is made once a binding, by what its `google.api.http` annotation says of the body.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from starlette.types import Receive

from chassis.contract.validation import Violation
from gateway.contract import Binding
from gateway.http.body import MULTIPART, json_or_text, parse_json, read_body, read_form
from gateway.http.credentials import Metadata
from gateway.http.request import RequestHead
from gateway.protojson.decode import Decode, Decoders
from gateway.protojson.params import Param, params_of, set_params
from gateway.transcoding.body_limits import body_limit
from gateway.transcoding.uploads import Upload
from gateway.violations import Violations

_WHOLE_MESSAGE = "*"


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request on its way to being a message.

    Attributes:
        message: The message, filled bit by bit.
        head: The request's head.
        receive: Its body.
        metadata: What a call made for it carries.
        violations: What was found wrong so far.
    """

    message: Any
    head: RequestHead
    receive: Receive
    metadata: Metadata
    violations: Violations = field(default_factory=Violations)


FieldSource = Callable[[PendingRequest], Awaitable[None]]

_Params = Mapping[str, Param]


def field_source_of(
    descriptor: Descriptor,
    binding: Binding,
    elsewhere: Collection[str],
    decoders: Decoders,
    upload: Upload | None,
) -> FieldSource:
    """What fills a message from query and body.

    Args:
        descriptor: The request's type.
        binding: One of its addresses.
        elsewhere: Names of the fields that come from path and cookies.
        decoders: The JSON decoders.
        upload: How a form's file is sent; None where the request takes none.
    """
    params = params_of(descriptor, elsewhere)
    limit = body_limit(descriptor, elsewhere)
    if binding.body == _WHOLE_MESSAGE:
        from_json = _from_json(decoders.of(descriptor, elsewhere), limit)
        if upload is None:
            return from_json
        alone = {text.name for text in params.values() if not text.parents}
        objects = decoders.of(descriptor, {*elsewhere, *alone})
        return _from_form(params, objects, upload, from_json)
    if binding.body:
        body = descriptor.fields_by_name[binding.body]
        others = params_of(descriptor, {*elsewhere, body.name})
        if body.type == FieldDescriptor.TYPE_BYTES:
            return _from_raw_body(body.name, others)
        if body.message_type is None or body.is_repeated:
            raise TypeError(f"{body.full_name} cannot be a body")
        inner_limit = body_limit(body.message_type)
        return _from_body_field(body.name, decoders.of(body.message_type), others, inner_limit)
    if binding.verb == "DELETE":
        return _from_either(decoders.of(descriptor, elsewhere), params, limit)
    return _from_query(params)


def _from_query(params: _Params) -> FieldSource:
    async def read(pending: PendingRequest) -> None:
        set_params(params, pending.message, pending.head.query, pending.violations)

    return read


def _from_json(decode: Decode, limit: int) -> FieldSource:
    async def read(pending: PendingRequest) -> None:
        set_params({}, pending.message, pending.head.query, pending.violations)
        body = await read_body(pending.head, pending.receive, limit)
        values = parse_json(pending.head, body)
        decode(pending.message, values, "", pending.violations)

    return read


def _from_either(decode: Decode, params: _Params, limit: int) -> FieldSource:
    """A DELETE takes its fields from the query or, as some clients prefer, from a body."""

    async def read(pending: PendingRequest) -> None:
        body = await read_body(pending.head, pending.receive, limit)
        known = {} if body else params
        set_params(known, pending.message, pending.head.query, pending.violations)
        values = parse_json(pending.head, body)
        decode(pending.message, values, "", pending.violations)

    return read


def _from_form(
    params: _Params, objects: Decode, upload: Upload, from_json: FieldSource
) -> FieldSource:
    """A form's parts are strings, one a field; what is an object may also come as JSON in one."""

    async def read(pending: PendingRequest) -> None:
        if pending.head.content_type != MULTIPART:
            await from_json(pending)
            return
        set_params({}, pending.message, pending.head.query, pending.violations)
        async with read_form(pending.head, pending.receive, upload.slots) as form:
            plain = [(name, text) for name, text in form.texts if name in params]
            set_params(params, pending.message, plain, pending.violations)
            others = {name: json_or_text(text) for name, text in form.texts if name not in params}
            objects(pending.message, others, "", pending.violations)
            pending.violations.extend(
                Violation(name, "is not an expected file")
                for name in form.files
                if name != upload.part
            )
            file = form.files.get(upload.part)
            # A file is worth sending only where nothing else is wrong.
            if file is not None and not pending.violations:
                key = await upload.send(file, pending.metadata)
                setattr(pending.message, upload.field, key)

    return read


def _from_raw_body(name: str, params: _Params) -> FieldSource:
    async def read(pending: PendingRequest) -> None:
        set_params(params, pending.message, pending.head.query, pending.violations)
        setattr(pending.message, name, await read_body(pending.head, pending.receive))

    return read


def _from_body_field(name: str, decode: Decode, params: _Params, limit: int) -> FieldSource:
    async def read(pending: PendingRequest) -> None:
        set_params(params, pending.message, pending.head.query, pending.violations)
        body = await read_body(pending.head, pending.receive, limit)
        inner = getattr(pending.message, name)
        inner.SetInParent()
        decode(inner, parse_json(pending.head, body), "", pending.violations)

    return read

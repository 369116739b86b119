"""HTTP requests as messages: path, query, body, headers and cookies, each to its fields."""

import re
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from starlette.types import Receive

from chassis.contract.validation import Violation, violations
from gateway.contract import Binding, Rpc, rules_of
from gateway.http.credentials import CookieJar, Metadata
from gateway.http.problems import invalid
from gateway.http.request import RequestHead
from gateway.protojson.decode import Decoders
from gateway.protojson.names import camel_case
from gateway.protojson.params import text_field
from gateway.transcoding.field_sources import PendingRequest, field_source_of
from gateway.transcoding.uploads import Upload
from gateway.violations import TooManyViolationsError

_VARIABLE = re.compile(r"\{([a-z0-9_]+)\}")
_ENTITY_TAG = re.compile(r'(?:W/)?"([^"]*)"')
_ENTITY_TAG_HEADER = "if-match"


class RequestReader:
    """Makes the request message of one binding, compiled once.

    Args:
        rpc: The RPC.
        binding: One of its addresses.
        decoders: The JSON decoders.
        cookies: Names the cookies.
        upload: How a form's file is sent; None where the request takes none.
    """

    def __init__(
        self,
        rpc: Rpc,
        binding: Binding,
        decoders: Decoders,
        cookies: CookieJar,
        upload: Upload | None,
    ) -> None:
        descriptor = rpc.method.input_type
        self._message = rpc.request
        self._jar = cookies
        self._variables = [
            (name, text_field(descriptor.fields_by_name[name]))
            for name in variables_of(binding.template)
        ]
        self._cookies = [
            (field.name, rules_of(field).cookie.name)
            for field in descriptor.fields
            if rules_of(field).HasField("cookie")
        ]
        self._headers = [
            (header.lower(), field.name, text_field(field))
            for field in descriptor.fields
            if (header := rules_of(field).header)
        ]
        elsewhere = fields_elsewhere(rpc, binding)
        self._read_fields = field_source_of(descriptor, binding, elsewhere, decoders, upload)

    async def read(self, head: RequestHead, receive: Receive, metadata: Metadata) -> Message:
        """The message that a request makes.

        Raises:
            Problem: The request is not valid; its `errors` name every field.
            ClientDisconnect: The client went away.
        """
        message: Any = self._message()
        pending = PendingRequest(message, head, receive, metadata)
        try:
            await self._read(pending)
            if pending.violations:
                _add_broken_rules(pending)
        except TooManyViolationsError as error:
            raise invalid(pending.violations, are_there_more=True) from error
        if pending.violations:
            raise invalid(pending.violations)
        return message  # type: ignore[no-any-return]  # it was made of a message class

    async def _read(self, pending: PendingRequest) -> None:
        message, head = pending.message, pending.head
        for name, variable in self._variables:
            variable.set(message, [head.path_variables[name]], pending.violations)
        for name, cookie in self._cookies:
            setattr(message, name, self._jar.read(head.cookies, cookie))
        await self._read_fields(pending)
        for header, name, field in self._headers:
            value = head.headers.get(header)
            if value is not None and not getattr(message, name):
                field.set(message, [_bare(header, value)], pending.violations)


def _add_broken_rules(pending: PendingRequest) -> None:
    """Tell the rules that the rest of the message breaks too: all that is wrong at once.

    The service checks them, but will not see a message that cannot be read.
    """
    reported = tuple(violation.field for violation in pending.violations)
    for path, text in violations(pending.message):
        field = camel_case(path)
        if not any(field == one or field.startswith((f"{one}.", f"{one}[")) for one in reported):
            pending.violations.append(Violation(field, text))


def variables_of(template: str) -> list[str]:
    """Names of the fields that a path template takes."""
    return _VARIABLE.findall(template)


def fields_elsewhere(rpc: Rpc, binding: Binding) -> frozenset[str]:
    """Names of the fields that neither query nor body may give: those of path and cookies."""
    cookies = {
        field.name for field in rpc.method.input_type.fields if rules_of(field).HasField("cookie")
    }
    return frozenset(variables_of(binding.template)) | cookies


def takes_raw_body(rpc: Rpc, binding: Binding) -> bool:
    """Whether the body is taken as it is, byte for byte."""
    field = rpc.method.input_type.fields_by_name.get(binding.body)
    return field is not None and field.type == FieldDescriptor.TYPE_BYTES


def _bare(header: str, value: str) -> str:
    """The value of a header; of an entity tag, what is between its quotes."""
    match = _ENTITY_TAG.fullmatch(value.strip()) if header == _ENTITY_TAG_HEADER else None
    return match[1] if match else value

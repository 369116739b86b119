"""Messages as HTTP responses: status, cookies, validators, lifetime, body."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any, NamedTuple

import orjson
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message

from gateway.contract import Rpc, rules_of
from gateway.http.credentials import CookieJar
from gateway.http.problems import Headers
from gateway.http.request import RequestHead, names_version
from gateway.protojson.encode import Encoders

HTTP_BODY: str = HttpBody.DESCRIPTOR.full_name
_JSON = b"application/json"
_NO_CONTENT = 204
_NOT_MODIFIED = 304
_ACCEPTED = 202
_OK = 200


class Response(NamedTuple):
    """A response as ASGI takes it."""

    status: int
    headers: Headers
    body: bytes


class ResponseWriter:
    """Makes the HTTP response of one RPC, compiled once."""

    def __init__(self, rpc: Rpc, encoders: Encoders, cookies: CookieJar) -> None:
        descriptor = rpc.method.output_type
        self._jar = cookies
        self._cookies = [
            (field.name, rules_of(field).cookie)
            for field in descriptor.fields
            if rules_of(field).HasField("cookie")
        ]
        self._status = rpc.rules.success_status or _OK
        self._accepted = rpc.rules.accepted_field
        self._etag = attrgetter(rpc.rules.etag) if rpc.rules.etag else None
        self._cache_control = cache_control(rpc).encode()
        self._body = _body_writer(rpc, encoders, [name for name, _ in self._cookies])

    def write(self, message: Message, head: RequestHead) -> Response:
        """The response that `message` makes to a request."""
        status = self._status
        if self._accepted and getattr(message, self._accepted):
            status = _ACCEPTED
        headers: Headers = [(b"cache-control", self._cache_control)]
        for name, rules in self._cookies:
            if message.HasField(name):
                value = getattr(message, name)
                cookie = self._jar.set_cookie(rules.name, value, rules.max_age_seconds)
                headers.append((b"set-cookie", cookie))
        if self._etag is not None:
            etag = f'"{self._etag(message)}"'
            headers.append((b"etag", etag.encode()))
            given = head.headers.get("if-none-match")
            if given is not None and head.method in {"GET", "HEAD"} and names_version(given, etag):
                return Response(_NOT_MODIFIED, headers, b"")
        if status == _NO_CONTENT:
            return Response(status, headers, b"")
        content_type, body = self._body(message)
        headers.append((b"content-type", content_type))
        headers.append((b"content-length", str(len(body)).encode()))
        return Response(status, headers, b"" if head.method == "HEAD" else body)


def cache_control(rpc: Rpc) -> str:
    """How long a copy of an RPC's response may be kept, by whom."""
    rules = rpc.rules.cache
    if rules.max_age_seconds:
        audience = "public" if rpc.is_public else "private"
        immutable = ", immutable" if rules.immutable else ""
        return f"{audience}, max-age={rules.max_age_seconds}{immutable}"
    # What anyone may read may be kept, if it is asked for again before it is shown.
    return "no-cache" if rpc.is_public and not rpc.has_side_effects else "no-store"


def _body_writer(
    rpc: Rpc, encoders: Encoders, leave_out: Iterable[str]
) -> Callable[[Any], tuple[bytes, bytes]]:
    if rpc.method.output_type.full_name == HTTP_BODY:
        return lambda message: (message.content_type.encode(), message.data)
    encode = encoders.of(rpc.method.output_type, frozenset(leave_out))
    return lambda message: (_JSON, orjson.dumps(encode(message)))

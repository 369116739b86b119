"""A kept response: its final bytes in each content coding, and how long it may be answered."""

import hashlib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from starlette.types import Message, Send

from chassis.http.caching import may_be_stored
from chassis.http.content_codings import COMPRESS, IDENTITY, accepted, is_text, weak_tag
from chassis.http.protocol import ReadyAnswer, header_lines
from gateway.cache.tags import Tags
from gateway.http.problems import Headers
from gateway.http.request import names_version

# As little as an answer of that many bytes is not worth compressing.
_LEAST_BYTES = 500
# What Python keeps of an entry besides the bytes.
_OVERHEAD_BYTES = 2_000
_OK, _NOT_MODIFIED = 200, 304
_CONTENT = {b"content-type", b"content-length", b"content-encoding"}
_EACH_TIME = {b"etag", b"age", b"vary", b"x-request-id"}


class RawResponse(NamedTuple):
    """A response as the app inside has made it."""

    status: int
    headers: Headers
    body: bytes


class Variant:
    """A response in one content coding, or that there is nothing new.

    Attributes:
        status: The HTTP status.
        headers: Without what differs each time.
        lines: They, as they are sent.
        body: The body.
    """

    def __init__(self, status: int, headers: Headers, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.lines = header_lines(headers)
        self.body = body

    @cached_property
    def not_modified(self) -> "Variant":
        """What says that the client has it already."""
        kept = [each for each in self.headers if each[0] not in _CONTENT]
        return Variant(_NOT_MODIFIED, kept, b"")


class Asked(NamedTuple):
    """What of a request's head decides how an entry is answered.

    Attributes:
        headers: Name in lower case -> value.
        is_head: Only the head of the response is wanted.
        request_id: Of the request.
    """

    headers: Mapping[bytes, bytes]
    is_head: bool
    request_id: str


class Entry:
    """A response that may be answered to anyone.

    Args:
        response: As the app has made it, with all headers that do not differ each time.
        tags: What it tells of.
        born: When it began to be made, as `time.monotonic` has it.
        until: When it ends whatever happens, likewise.
        for_guests: Only for requests of guests.

    Attributes:
        status: The HTTP status.
        route: What made it, as Starlette leaves it in the scope; None for nothing.
        size: About how many bytes it takes.
        on_growth: Called once it takes more, as the first client wants another coding.
        is_gone: It is no longer kept, or never was: what it tells may have changed since.
    """

    def __init__(
        self, response: RawResponse, tags: Tags, born: float, until: float, *, for_guests: bool
    ) -> None:
        self.tags = tags
        self.born = born
        self.until = until
        self.for_guests = for_guests
        self.is_gone = False
        self.on_growth: Callable[[], None] = lambda: None
        self.status = response.status
        self.route: Any = None
        headers = [(name.lower(), value) for name, value in response.headers]
        given = dict(headers)
        self._etag = given.get(b"etag", b"") or _etag_of(response)
        content_type = given.get(b"content-type", b"")
        self._compresses = is_text(content_type) and len(response.body) >= _LEAST_BYTES
        self._common = [
            (name, value)
            for name, value in headers
            if name not in _CONTENT and name not in _EACH_TIME
        ]
        varies = [b"Cookie"] * for_guests + [b"Accept-Encoding"] * self._compresses
        if varies:
            self._common.append((b"vary", b", ".join(varies)))
        self._content_type: Headers = [(b"content-type", content_type)] if content_type else []
        self._variants = {IDENTITY: self._variant(IDENTITY, response.body)}
        self.size = _OVERHEAD_BYTES + len(response.body)

    @property
    def is_good(self) -> bool:
        """Whether it is a success that sets nothing at the client, and no secret of one caller."""
        sets_cookie = any(name == b"set-cookie" for name, _ in self._common)
        return self.status == _OK and not sets_cookie and may_be_stored(self._common)

    async def answer(self, asked: Asked, now: float, send: Send) -> int:
        """Send it: whole, its head alone, or that the client has it already; the status."""
        found = self._find(asked)
        age = (b"age", b"%d" % self._age(now))
        headers = [*found.headers, age, (b"x-request-id", asked.request_id.encode())]
        start: Message = {"type": "http.response.start", "status": found.status, "headers": headers}
        await send(start)
        await send({"type": "http.response.body", "body": b"" if asked.is_head else found.body})
        return found.status

    def ready(self, asked: Asked, now: float) -> ReadyAnswer:
        """The same, for a connection to send."""
        found = self._find(asked)
        each_time = b"age: %d\r\nx-request-id: %s\r\n" % (
            self._age(now),
            asked.request_id.encode(),
        )
        body = b"" if asked.is_head else found.body
        return ReadyAnswer(found.status, found.lines + each_time, body)

    def _age(self, now: float) -> float:
        """For how many seconds it has been so."""
        return max(0.0, now - self.born)

    def _find(self, asked: Asked) -> Variant:
        variant = self._best(asked.headers.get(b"accept-encoding"))
        given = asked.headers.get(b"if-none-match")
        if (
            given is None
            or self.status != _OK
            or not names_version(given.decode("latin-1"), self._etag.decode("latin-1"))
        ):
            return variant
        return variant.not_modified

    def _best(self, accept_encoding: bytes | None) -> Variant:
        if accept_encoding is None or not self._compresses:
            return self._variants[IDENTITY]
        coding = accepted(accept_encoding)[0]
        found = self._variants.get(coding)
        if found is None:
            body = COMPRESS[coding](self._variants[IDENTITY].body)
            found = self._variants[coding] = self._variant(coding, body)
            self.size += len(body)
            self.on_growth()
        return found

    def _variant(self, coding: str, body: bytes) -> Variant:
        headers = [*self._common, *self._content_type]
        if coding:
            headers.append((b"content-encoding", coding.encode()))
        headers.append((b"content-length", b"%d" % len(body)))
        if self._etag:
            etag = self._etag.decode("latin-1")
            headers.append((b"etag", (weak_tag(etag) if coding else etag).encode("latin-1")))
        return Variant(self.status, headers, body)


def _etag_of(response: RawResponse) -> bytes:
    if response.status != _OK:
        return b""
    return b'"%s"' % hashlib.sha256(response.body).hexdigest()[:32].encode()

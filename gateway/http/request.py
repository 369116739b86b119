"""What the gateway wants to know of a request before any route does."""

import re
from collections.abc import Callable
from functools import cached_property
from urllib.parse import parse_qsl

from starlette.requests import cookie_parser
from starlette.types import Scope

from chassis.ids import new_id
from gateway.http.problems import Problem

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_KEY = "gateway.http.request"
_MAX_PARAMETERS = 200


def request_id_of(given: str) -> str:
    """The client's `X-Request-Id`, or one made here where that is none."""
    return given if _REQUEST_ID.fullmatch(given) else new_id()


class RequestHead:
    """A request's head.

    Attributes:
        method: The HTTP method; GET for a WebSocket.
        path: The decoded path.
        headers: Name in lower case -> value; the last of a repeated header, cookies joined.
        request_id: The client's `X-Request-Id`, or one made here.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.method: str = scope.get("method", "GET")
        self.path: str = scope["path"]
        self.headers: dict[str, str] = {}
        for raw_name, raw_value in scope["headers"]:
            name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
            if name == "cookie" and "cookie" in self.headers:
                value = f"{self.headers['cookie']}; {value}"
            self.headers[name] = value
        self.request_id = request_id_of(self.headers.get("x-request-id", ""))
        scope[_KEY] = self

    @staticmethod
    def of(scope: Scope) -> "RequestHead":
        """That of a request on its way."""
        head: RequestHead = scope[_KEY]
        return head

    @cached_property
    def cookies(self) -> dict[str, str]:
        """Name -> value."""
        return cookie_parser(self.headers.get("cookie", ""))

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        """Query parameters in order.

        Raises:
            Problem: There are too many.
        """
        raw: bytes = self._scope["query_string"]
        if not raw:
            return []
        try:
            return parse_qsl(
                raw.decode("latin-1"), keep_blank_values=True, max_num_fields=_MAX_PARAMETERS
            )
        except ValueError as error:
            raise Problem("VALIDATION_FAILED", "There are too many query parameters.") from error

    @property
    def path_variables(self) -> dict[str, str]:
        """Variable of the route's template -> value."""
        variables: dict[str, str] = self._scope.get("path_params", {})
        return variables

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def bearer(self) -> str | None:
        """The token of the `Authorization` header; None without the header.

        Raises:
            Problem: The header is not `Bearer` and a token.
        """
        header = self.headers.get("authorization")
        if header is None:
            return None
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Problem("UNAUTHENTICATED", "Authorization must be Bearer and a token.")
        return token.strip()

    def client_address(self, is_trusted: Callable[[str], bool]) -> str:
        """Address of the client: the last hop that is no trusted proxy."""
        client = self._scope.get("client")
        address: str = client[0] if client else ""
        if "x-forwarded-for" not in self.headers:
            return address
        hops = self.headers["x-forwarded-for"].split(",")
        while hops and is_trusted(address) and (hop := hops.pop().strip()):
            address = hop
        return address


def names_version(if_none_match: str, etag: str) -> bool:
    """Whether the header `If-None-Match` names this version (RFC 9110, weak comparison)."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return etag.removeprefix("W/") in tags or tags == ["*"]

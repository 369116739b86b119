"""Who a request is from: its cookies, its token, its id, and its client's address.

Cookies are HttpOnly, SameSite=Lax, Path=/, and under TLS Secure with the `__Host-` prefix.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from chassis.auth.identity import Identity
from chassis.errors import Unauthenticated, Unavailable
from gateway.http.problems import Problem
from gateway.http.request import RequestHead

# The cookie of the contract that holds the access token.
SESSION = "session"

_HOST_PREFIX = "__Host-"


class CookieJar:
    """Names and writes cookies.

    Args:
        is_secure: Browsers reach the shop by TLS.
    """

    def __init__(self, is_secure: bool) -> None:
        self._prefix = _HOST_PREFIX if is_secure else ""
        self._attributes = "; Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if is_secure else "")

    def name_of(self, name: str) -> str:
        """The name that browsers know a cookie of the contract by."""
        return self._prefix + name

    def read(self, cookies: Mapping[str, str], name: str) -> str:
        """Value of a cookie of the contract; empty where there is none."""
        return cookies.get(self._prefix + name, "")

    def set_cookie(self, name: str, value: str, max_age_seconds: int) -> bytes:
        """Value of the `Set-Cookie` header that sets a cookie; an empty value clears it."""
        lifetime = max_age_seconds if value else 0
        return f"{self._prefix}{name}={value}; Max-Age={lifetime}{self._attributes}".encode()


Metadata = tuple[tuple[str, str], ...]

Verify = Callable[[str], Awaitable[Identity]]
"""The identity that a token proves; raises Unauthenticated or Unavailable."""


class Verifier(Protocol):
    """Verifies access tokens."""

    async def identify(self, token: str) -> Identity:
        """Whom it was given to; raises Unauthenticated or Unavailable."""

    async def check(self, identity: Identity) -> None:
        """Raise Unauthenticated where its token was revoked, Unavailable where no one can tell."""


# What may stand in a bearer token (RFC 6750), and in an address; gRPC metadata takes both.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{1,8192}")
_ADDRESS = re.compile(r"[A-Za-z0-9.:%_-]{1,64}")


class Credentials:
    """Reads the caller from a request.

    Args:
        cookies: Names the cookies.
        is_trusted: Whether the X-Forwarded-For of the proxy at an address is believed.
    """

    def __init__(self, cookies: CookieJar, is_trusted: Callable[[str], bool]) -> None:
        self._cookies = cookies
        self._is_trusted = is_trusted

    def token(self, head: RequestHead) -> str:
        """The access token, not verified; empty for none.

        Raises:
            Problem: The `Authorization` header is not a bearer token.
        """
        token = head.bearer()
        if token is None:
            cookie = self._cookies.read(head.cookies, SESSION)
            return cookie if _TOKEN.fullmatch(cookie) else ""
        if not _TOKEN.fullmatch(token):
            raise Problem("UNAUTHENTICATED", "The token is malformed.")
        return token

    def metadata(self, head: RequestHead, token: str) -> Metadata:
        """What a call made for the request carries."""
        entries = [("x-request-id", head.request_id)]
        if token:
            entries.append(("authorization", f"Bearer {token}"))
        address = self.address(head)
        if _ADDRESS.fullmatch(address):
            entries.append(("x-forwarded-for", address))
        return tuple(entries)

    def address(self, head: RequestHead) -> str:
        """The client's address: that of the last hop that is no trusted proxy."""
        return head.client_address(self._is_trusted)

    async def is_operator(self, head: RequestHead, verify: Verify) -> bool:
        """Whether a request is proven to be an admin's, or a process's of the shop."""
        try:
            identity = await verify(self.token(head))
        except (Problem, Unauthenticated, Unavailable):
            return False
        return identity.role in {"admin", "service"}

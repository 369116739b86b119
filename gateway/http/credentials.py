"""Who a request is from, as the services are told: its token, its id, its client's address."""

import re
from collections.abc import Awaitable, Callable

from chassis.auth.identity import Identity
from chassis.errors import Unauthenticated, Unavailable
from gateway.http.cookies import SESSION, CookieJar
from gateway.http.problems import Problem
from gateway.http.request import RequestHead

Metadata = tuple[tuple[str, str], ...]

Verify = Callable[[str], Awaitable[Identity]]
"""The identity that a token proves; raises Unauthenticated or Unavailable."""

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
        address = head.client_address(self._is_trusted)
        if _ADDRESS.fullmatch(address):
            entries.append(("x-forwarded-for", address))
        return tuple(entries)

    async def is_operator(self, head: RequestHead, verify: Verify) -> bool:
        """Whether a request is proven to be an admin's, or a process's of the shop."""
        try:
            identity = await verify(self.token(head))
        except (Problem, Unauthenticated, Unavailable):
            return False
        return identity.role in {"admin", "service"}

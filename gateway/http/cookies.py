"""Cookies: HttpOnly, SameSite=Lax, Path=/, and under TLS Secure with the `__Host-` prefix."""

from collections.abc import Mapping

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

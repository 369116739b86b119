"""Where a request was made: a page of another site may not change anything.

Browsers say so by themselves in `Origin`, or in `Sec-Fetch-Site`. A client that sends neither is
no browser, and one that sends a token by `Authorization` does so on purpose.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from gateway.http.problems import Problem
from gateway.http.request import RequestHead

_FOREIGN = {"cross-site", "same-site"}
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class OriginCheck:
    """Refuses what pages of other sites send.

    Args:
        allowed: Addresses whose origins may send requests; paths in them do not matter.
    """

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allowed = {_origin(address) for address in allowed}

    def check_method(self, head: RequestHead) -> None:
        """Check a request by its method: those that only read may come from anywhere.

        Raises:
            Problem: It comes from a page of another site.
        """
        if head.method not in _SAFE_METHODS:
            self.check(head)

    def check(self, head: RequestHead) -> None:
        """Check a request whatever its method.

        Raises:
            Problem: It comes from a page of another site.
        """
        headers = head.headers
        if "authorization" in headers:
            return
        origin = headers.get("origin")
        if origin is None:
            if headers.get("sec-fetch-site") in _FOREIGN:
                raise _refused()
        elif origin not in self._allowed and not _is_own(origin, headers.get("host", "")):
            raise _refused()


def _is_own(origin: str, host: str) -> bool:
    """Whether the page was served under the name that this request was sent to."""
    return bool(host) and origin in {f"http://{host}", f"https://{host}"}


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _refused() -> Problem:
    return Problem("ORIGIN_NOT_ALLOWED", "This page may not send requests to the shop.")

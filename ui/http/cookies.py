"""The cookies of a request for a page: what the browser sent, and what the API has set since."""

from collections.abc import Iterable

_PREFIXES = ("__Host-", "__Secure-", "")


class BrowserCookies:
    """Cookies on their way through the pages.

    Args:
        header: The browser's `Cookie` header.

    Attributes:
        to_set: `Set-Cookie` values for the browser, in order; those of the API verbatim.
    """

    def __init__(self, header: str) -> None:
        self._values = dict(_pairs(header))
        self.to_set: list[str] = []

    @property
    def header(self) -> str:
        """The `Cookie` header for the API."""
        return "; ".join(f"{name}={value}" for name, value in self._values.items())

    def has(self, name: str) -> bool:
        """Whether there is such a cookie, under its own name or a prefixed one."""
        return any(self._values.get(prefix + name) for prefix in _PREFIXES)

    def get(self, name: str) -> str:
        """A cookie of the pages' own; empty where there is none."""
        return self._values.get(name, "")

    def take(self, set_cookies: Iterable[str]) -> None:
        """Take what the API has set: for the calls that follow, and for the browser."""
        for set_cookie in set_cookies:
            pair, _, attributes = set_cookie.partition(";")
            name, _, value = pair.strip().partition("=")
            if value and "max-age=0" not in attributes.lower().replace(" ", "").split(";"):
                self._values[name] = value
            else:
                self._values.pop(name, None)
            self.to_set.append(set_cookie)

    def forget(self, *names: str) -> None:
        """Drop cookies, in the browser too."""
        for name in names:
            for prefix in _PREFIXES:
                if prefix + name in self._values:
                    secure = "; Secure" if prefix else ""
                    self.take(
                        [f"{prefix}{name}=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax{secure}"]
                    )


def _pairs(header: str) -> Iterable[tuple[str, str]]:
    for part in header.split(";"):
        name, separator, value = part.strip().partition("=")
        if separator:
            yield name, value

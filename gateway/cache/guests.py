"""Pages that are the same for everyone who has none of certain cookies."""

import re
from collections.abc import Collection

from starlette.routing import compile_path

from gateway.http.problems import Headers


class Guests:
    """Who is a guest, and which pages are the same for all of them.

    Args:
        pages: The path templates of the pages.
        cookies: The names, without prefixes, of all cookies that may change one of the pages.
    """

    def __init__(self, pages: Collection[str] = (), cookies: Collection[str] = ()) -> None:
        self._pages = [compile_path(page)[0] for page in pages]
        names = b"|".join(re.escape(name).encode() for name in cookies)
        # Rather too much than too little: all that a reader of cookies could take for one of them.
        self._cookie = re.compile(rb"(?<![A-Za-z0-9_])(?:%s)[\s\x1c-\x1f\x85\xa0]*=" % names)

    def have(self, path: str) -> bool:
        """Whether the page at a path is the same for all guests."""
        return any(each.match(path) for each in self._pages)

    def include(self, headers: Headers) -> bool:
        """Whether a request with such headers is a guest's."""
        return not any(name == b"cookie" and self._cookie.search(value) for name, value in headers)

"""Pages that are the same for everyone who has none of certain cookies."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from starlette.routing import compile_path

from gateway.http.problems import Headers

# Of a name and a value that stand for themselves: nothing is encoded in the one, and the other is
# not empty, as pages may tell an empty parameter from none.
_PLAIN = re.compile(rb"[A-Za-z0-9_.-]+=.+", re.DOTALL)
_NO_PAGES: Mapping[str, Collection[str]] = MappingProxyType({})


class Guests:
    """Who is a guest, and which pages are the same for all of them.

    Args:
        pages: The path templates of the pages, and the query parameters that each reads.
        cookies: The names, without prefixes, of all cookies that may change one of the pages.
    """

    def __init__(
        self, pages: Mapping[str, Collection[str]] = _NO_PAGES, cookies: Collection[str] = ()
    ) -> None:
        self._pages = [
            (compile_path(page)[0], {name.encode() for name in names})
            for page, names in pages.items()
        ]
        names = b"|".join(re.escape(name).encode() for name in cookies)
        # Rather too much than too little: all that a reader of cookies could take for one of them.
        self._cookie = re.compile(rb"(?<![A-Za-z0-9_])(?:%s)[\s\x1c-\x1f\x85\xa0]*=" % names)

    def have(self, path: str) -> bool:
        """Whether the page at a path is the same for all guests."""
        return any(page.match(path) for page, _ in self._pages)

    def read_of(self, path: str, query: bytes) -> bytes:
        """As much of a query as the page at a path reads; all of it for what is not one of them.

        Links from elsewhere carry parameters of their own, such as `utm_source`: with them the
        page is the same. Where it is not plain that it is, the whole query counts.
        """
        names = next((names for page, names in self._pages if page.match(path)), None)
        if names is None:
            return query
        read = []
        for parameter in query.split(b"&"):
            if parameter.partition(b"=")[0] in names:
                read.append(parameter)
            elif not _PLAIN.fullmatch(parameter):
                return query
        return b"&".join(read)

    def include(self, headers: Headers) -> bool:
        """Whether a request with such headers is a guest's."""
        return not any(name == b"cookie" and self._cookie.search(value) for name, value in headers)

"""Addresses to go back to, which must be this shop's own."""

import re
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.routing import Match

# No backslash, no control character, and never two slashes first: browsers take these for hosts.
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def local_path(address: str | None, otherwise: str = "/") -> str:
    """`address` where it is a path of this shop, else `otherwise`."""
    return address if address and _LOCAL.fullmatch(address) else otherwise


def path_of_own_page(address: str | None, host: str, otherwise: str = "/") -> str:
    """The path of a whole address where it is of this host, else `otherwise`."""
    parts = urlsplit(address or "")
    if not host or parts.netloc != host:
        return otherwise
    return local_path(parts.path + (f"?{parts.query}" if parts.query else ""), otherwise)


def sign_in_path(next_path: str) -> str:
    """The sign-in page that leads on to `next_path`."""
    return f"/signin?next={quote(next_path, safe='/')}"


def page_without_slashes(request: Request) -> str:
    """The page that is meant where an address has slashes too many; empty where there is none."""
    path = "/" + "/".join(part for part in request.url.path.split("/") if part)
    meant = {**request.scope, "path": unquote(path)}
    if path == request.url.path or request.method not in {"GET", "HEAD"}:
        return ""
    if all(route.matches(meant)[0] is not Match.FULL for route in request.app.routes):
        return ""
    return path + (f"?{request.url.query}" if request.url.query else "")

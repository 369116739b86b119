"""What programs ask of every site: robots.txt, sitemap.xml, favicon.ico."""

import asyncio
from collections.abc import AsyncIterator
from xml.sax.saxutils import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from ui.api.client import Api, path_segment
from ui.api.problems import ApiProblem
from ui.http.cookies import BrowserCookies

_CACHED = {"Cache-Control": "public, max-age=3600"}
_PAGE_SIZE = 100
# A sitemap may have 50,000 addresses; so many products are asked for at most.
_MAX_PAGES = 100
_FRESH_SECONDS = 3600.0
_PRIVATE = ("/account", "/admin", "/cart", "/orders", "/signin", "/signup")


class Sitemap:
    """The addresses of all products, asked for once an hour for all who want them."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._text = ""
        self._stale_at = 0.0

    async def show(self, request: Request) -> Response:
        """The sitemap, the same for everyone: no one's cookies have a part in it.

        Raises:
            HTTPException: 503; the API does not answer.
        """
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if not self._text or now > self._stale_at:
                api = Api(request.app.state.site.api, BrowserCookies(""), {})
                try:
                    addresses = [address async for address in _addresses(api)]
                except ApiProblem as problem:
                    raise HTTPException(503) from problem
                self._text = _xml(_base(request), addresses)
                self._stale_at = now + _FRESH_SECONDS
        return Response(self._text, media_type="application/xml", headers=_CACHED)


async def robots(request: Request) -> Response:
    """Which pages are worth finding."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _PRIVATE)]
    lines += ["", f"Sitemap: {_base(request)}/sitemap.xml", ""]
    return PlainTextResponse("\n".join(lines), headers=_CACHED)


async def favicon(request: Request) -> Response:
    """The icon, for those who do not read what the pages say of theirs."""
    address = request.app.state.site.assets.url("favicon.ico")
    return RedirectResponse(address, 302, _CACHED)


async def _addresses(api: Api) -> AsyncIterator[str]:
    yield "/"
    token = ""
    for _ in range(_MAX_PAGES):
        wanted = {"pageSize": _PAGE_SIZE, "pageToken": token}
        found = await api.get("/api/products", wanted)
        for product in found["products"]:
            yield f"/products/{path_segment(product['id'])}"
        token = found["nextPageToken"]
        if not token:
            return


def _base(request: Request) -> str:
    """Where the shop is, as its settings say: what a client says in Host is not believed."""
    return str(request.app.state.site.base_url).rstrip("/")


def _xml(base: str, addresses: list[str]) -> str:
    entries = "".join(f"<url><loc>{escape(base + address)}</loc></url>" for address in addresses)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
    )


def routes() -> list[Route]:
    """The addresses, with a sitemap of their own."""
    return [
        Route("/robots.txt", robots),
        Route("/favicon.ico", favicon),
        Route("/sitemap.xml", Sitemap().show),
    ]

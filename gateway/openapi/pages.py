"""`/openapi.json`, and `/docs`: a reference page served from here, under a strict policy."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from chassis.contract.reasons import reasons
from gateway.http.credentials import CookieJar
from gateway.http.problems import anchor_of
from gateway.http.request import names_version
from gateway.openapi.document import openapi_document
from gateway.openapi.proto_comments import load_comments
from gateway.transcoding.operation import Operation

# The wheel that carries Swagger UI is for another framework: its files are used, its code is not.
_CARRIER = "drf_spectacular_sidecar"
_FILES = "static/drf_spectacular_sidecar/swagger-ui-dist"
_SERVED = frozenset({"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {"content-security-policy": _POLICY, "cache-control": "no-cache"}
_START_SCRIPT = """\
window.addEventListener("load", () => {
  SwaggerUIBundle({ url: "/openapi.json", dom_id: "#reference", deepLinking: true });
});
"""


def docs_routes(operations: Sequence[Operation], cookies: CookieJar) -> list[Route]:
    """The document, the reference page with its files, and the page of problems."""

    @cache
    def document() -> tuple[bytes, str]:
        content = orjson.dumps(openapi_document(operations, cookies))
        return content, f'"{hashlib.sha256(content).hexdigest()[:16]}"'

    async def openapi(request: Request) -> Response:
        content, etag = document()
        headers = {"cache-control": "no-cache", "etag": etag}
        if names_version(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type="application/json", headers=headers)

    return [
        Route("/openapi.json", openapi),
        Route("/docs", _reference),
        Route("/docs/problems", _problems),
        Route("/docs/start.js", _start),
        Route("/docs/page.css", _style),
        Route("/docs/static/{name}", _static),
        # People type a slash too many; for programs it is a 404, as everywhere in the API.
        *(Route(f"{page}/", _to(page)) for page in ("/docs", "/docs/problems")),
    ]


def _to(page: str) -> RedirectResponse:
    return RedirectResponse(page, 301)


async def _reference(_: Request) -> Response:
    return HTMLResponse(
        _page(
            "API reference",
            '<link rel="stylesheet" href="/docs/static/swagger-ui.css">'
            '<script src="/docs/static/swagger-ui-bundle.js" defer></script>'
            '<script src="/docs/start.js" defer></script>',
            '<p><a href="/docs/problems">What can go wrong: all reasons</a></p>'
            '<div id="reference"></div>',
        ),
        headers=_HEADERS,
    )


async def _problems(_: Request) -> Response:
    comments = load_comments()
    return HTMLResponse(_page("Problems", "", _table(comments)), headers=_HEADERS)


async def _start(_: Request) -> Response:
    return Response(_START_SCRIPT, media_type="text/javascript", headers=_HEADERS)


async def _style(_: Request) -> Response:
    return Response(_STYLE, media_type="text/css", headers=_HEADERS)


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    spec = find_spec(_CARRIER)
    if name not in _SERVED or spec is None or not spec.submodule_search_locations:
        raise HTTPException(404)
    path = Path(spec.submodule_search_locations[0]) / _FILES / name
    return FileResponse(path, headers={"cache-control": "public, max-age=86400"})


def _table(comments: Mapping[str, str]) -> str:
    rows = "".join(
        f'<tr id="{anchor_of(reason.name)}"><td><code>{reason.name}</code></td>'
        f"<td>{reason.status}</td><td>{escape(reason.title)}</td>"
        f"<td>{escape(comments.get(f'shop.options.v1.ERROR_REASON_{reason.name}', ''))}</td></tr>"
        for reason in reasons().values()
    )
    return (
        "<h1>Problems</h1><p>Every refusal is a problem document (RFC 9457). Its "
        "<code>reason</code> is one of these.</p><table><thead><tr><th>Reason</th><th>Status</th>"
        f"<th>Title</th><th>When</th></tr></thead><tbody>{rows}</tbody></table>"
    )


def _page(title: str, head: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · Shop</title>"
        '<link rel="icon" href="/docs/static/favicon-32x32.png">'
        f'<link rel="stylesheet" href="/docs/page.css">{head}</head><body>{body}</body></html>'
    )


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}"
    "td,th{border-bottom:1px solid #ccc;padding:.5rem;text-align:left;vertical-align:top}"
    "tr:target{background:#fff3cd}"
)

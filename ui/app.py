"""The app: every page, and the static files."""

from collections.abc import Mapping

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp, ExceptionHandler

from ui import admin, storefront
from ui.pages.endpoints import fail, refuse
from ui.pages.page_request import COOKIES
from ui.pages.site import NewClient, Site
from ui.rendering.assets import Assets
from ui.rendering.environment import environment
from ui.storefront import crawlers

_HANDLERS: Mapping[type[Exception], ExceptionHandler] = {HTTPException: refuse, Exception: fail}


def open_emulator() -> httpx.AsyncClient:
    """A client for the Stripe emulator, which is always near."""
    return httpx.AsyncClient(timeout=10, trust_env=False)


def create_app(
    api: ASGIApp, base_url: str, new_emulator_client: NewClient = open_emulator
) -> Starlette:
    """The pages as an ASGI app, to be served at the root of a host.

    The server may keep the pages at the paths `state.guest_pages` for all visitors that have
    none of `state.cookies`, for as long as what the API has answered for them may be kept. Each is
    the same whatever query parameters there are besides those that stand with its path.

    Args:
        api: The gateway, in this process or by way of `ui.api.remote`.
        base_url: Where the shop is, such as https://shop.example.
        new_emulator_client: Opens a client that reaches the Stripe emulator where one is in use.
    """
    assets = Assets()
    app = Starlette(
        routes=[
            Route("/static/{digest}/{path:path}", assets.serve),
            *crawlers.routes(),
            *storefront.ROUTES,
            *admin.ROUTES,
        ],
        exception_handlers=_HANDLERS,
    )
    # Starlette's own redirect would have to trust the Host header; `refuse` has another.
    app.router.redirect_slashes = False
    app.state.site = Site(api, base_url, assets, environment(assets), new_emulator_client)
    app.state.guest_pages = storefront.GUEST_PAGES
    app.state.cookies = COOKIES
    return app

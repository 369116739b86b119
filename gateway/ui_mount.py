"""Pages beside the API: an app of its own, given the API in-process as its only way in."""

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.importer import ImportFromStringError, import_from_string

from chassis.process import StartError
from gateway.cache.guests import Guests
from gateway.http.origin import OriginCheck
from gateway.http.request import RequestHead

IN_PROCESS = "in-process"
"""Client address of what the pages ask; the address they pass on for a browser is believed."""

_OURS = frozenset({"api", "media", "ws", "docs", "openapi.json", ".well-known"})
_POLICY = (b"content-security-policy", b"frame-ancestors 'none'")


class Pages:
    """An ASGI app in front of the API, which answers what is not the API's.

    Args:
        app: The pages; None for none.
        api: The API.
        origins: Refuses forms that other sites send.
    """

    def __init__(self, app: ASGIApp | None, api: ASGIApp, origins: OriginCheck) -> None:
        self._app = app
        self._api = api
        self._origins = origins

    @property
    def guests(self) -> Guests:
        """Who they are, and which pages are the same for them: what the app's state says."""
        state = self._app.state if isinstance(self._app, Starlette) else None
        return Guests(getattr(state, "guest_pages", {}), getattr(state, "cookies", ()))

    def have(self, scope: Scope) -> bool:
        """Whether a request is for a page, and not for the API."""
        return (
            self._app is not None
            and scope["type"] == "http"
            and scope["path"].lstrip("/").partition("/")[0] not in _OURS
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self._app is None or not self.have(scope):
            await self._api(scope, receive, send)
            return
        self._origins.check_method(RequestHead.of(scope))

        async def send_page(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_policy(message)
            await send(message)

        await self._app(scope, receive, send_page)

    def lifespan(self) -> AbstractAsyncContextManager[Any]:
        """The pages' own start and stop."""
        if isinstance(self._app, Starlette):
            return self._app.router.lifespan_context(self._app)
        return nullcontext()


def load_pages(import_string: str, api: ASGIApp, base_url: str) -> ASGIApp:
    """The pages.

    Args:
        import_string: Names the factory, such as `ui.app:create_app`.
        api: The API.
        base_url: Where browsers find the shop.

    Raises:
        StartError: There is no such factory.
    """
    try:
        create = import_from_string(import_string)
    except (ImportFromStringError, ImportError) as error:
        raise StartError(f"MOUNT names nothing that can be imported: {error}") from error

    async def ask(scope: Scope, receive: Receive, send: Send) -> None:
        await api({**scope, "client": (IN_PROCESS, 0)}, receive, send)

    app: ASGIApp = create(ask, base_url)
    return app


def _add_policy(message: Message) -> None:
    """Pages know best what they load; only framing is always refused."""
    if not any(name.lower() == _POLICY[0] for name, _ in message["headers"]):
        message["headers"] = [*message["headers"], _POLICY]

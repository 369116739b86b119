"""One request for a page: who asks, what they typed, and the page they get."""

import asyncio
import re
import uuid
from collections.abc import Awaitable, Coroutine, Mapping
from contextlib import AsyncExitStack
from typing import Any, TypeVar

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ui.api.client import REFRESH, SESSION, Api
from ui.api.problems import ApiProblem, Json, SignInNeeded
from ui.http.bodies import MAX_BYTES, MAX_UPLOAD_BYTES, limited
from ui.http.cookies import BrowserCookies
from ui.http.local_paths import local_path
from ui.http.policy import PAGE_HEADERS
from ui.pages.site import Site
from ui.rendering import texts

T = TypeVar("T")

EMPTY_CART: Json = {"id": "", "items": [], "subtotal": None, "totalQuantity": 0, "version": 0}

_CART = "cart"
_CONFIG = "config"
_NOTICE = "notice"
_NOTICE_SECONDS = 30
# All that may change a page: the API's, which are passed on, and the pages' own.
COOKIES = (SESSION, REFRESH, _CART, _NOTICE)
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_FIELDS = 50


class PageRequest:
    """One request for a page.

    Attributes:
        request: The request.
        site: What all pages share.
        cookies: The browser's, and those to set.
        api: The API on the visitor's behalf.
        request_id: What the API's logs call this request.
        is_bare: The page is made without asking the API who is there.
    """

    def __init__(self, request: Request, *, is_bare: bool = False) -> None:
        self.request = request
        self.site: Site = request.app.state.site
        self.cookies = BrowserCookies("; ".join(request.headers.getlist("cookie")))
        forwarded = _forwarded(request)
        self.request_id = forwarded["X-Request-Id"]
        self.api = Api(self.site.api, self.cookies, forwarded)
        self.is_bare = is_bare
        self._tasks: dict[str, asyncio.Task[Any]] = {}
        self._form: FormData | None = None
        self._until_finished = AsyncExitStack()

    @property
    def path(self) -> str:
        """The path of this page, with its query."""
        url = self.request.url
        return local_path(url.path + (f"?{url.query}" if url.query else ""))

    def id(self, name: str) -> str:
        """An id from the path.

        Raises:
            HTTPException: 404; nothing has such an id.
        """
        value: str = self.request.path_params[name]
        if not _ID.fullmatch(value):
            raise HTTPException(404)
        return value

    def asked(self, name: str, limit: int = 1000) -> str:
        """A query parameter, at most `limit` characters of it; empty where there is none."""
        return self.request.query_params.get(name, "").strip()[:limit]

    async def form(self) -> FormData:
        """The submitted form, which has no files.

        Raises:
            HTTPException: 400 or 413; it is malformed, has a file, or is too large.
        """
        return await self._read_form(0, MAX_BYTES)

    async def form_with_file(self) -> FormData:
        """The submitted form with at most one file, which is gone when the request ends.

        The file is kept on disk: only for visitors who may send one.

        Raises:
            HTTPException: 400 or 413; it is malformed, or too large.
        """
        if self._form is None:
            await self._until_finished.enter_async_context(self.site.uploads)
        return await self._read_form(1, MAX_UPLOAD_BYTES)

    async def typed(self, *names: str) -> dict[str, str]:
        """The texts of some fields of the submitted form; empty for those that are missing."""
        form = await self.form()
        return {name: str(form.get(name, "")).strip() for name in names}

    def prefetch(self) -> None:
        """Begin to ask who is there and what is in their cart: nearly every page shows both."""
        self._once("user", self._get_user())
        self._once(_CART, self._get_cart())

    async def user(self) -> Json | None:
        """Who is signed in; None for a guest.

        Raises:
            ApiProblem: It cannot be known now.
        """
        return await self._once("user", self._get_user())

    async def cart(self) -> Json:
        """The visitor's cart.

        Raises:
            ApiProblem: It cannot be known now.
        """
        return await self._once(_CART, self._get_cart())

    async def currency(self) -> str:
        """The currency that everything is sold in."""
        code: str = (await self._once(_CONFIG, self.api.get("/api/catalog/config")))["currency"]
        return code

    def forget_user(self) -> None:
        """Ask again who is there: someone has signed in."""
        self._tasks.pop("user", None)

    async def require_user(self) -> Json:
        """Who is signed in.

        Raises:
            SignInNeeded: No one is.
        """
        user = await self.user()
        if user is None:
            raise SignInNeeded
        return user

    async def render(
        self,
        template: str,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> Response:
        """A whole page."""
        user = cart = None
        if not self.is_bare:
            user = await _if_known(self.user())
            cart = await _if_known(self.cart())
        code = self.cookies.get(_NOTICE)
        self.cookies.forget(_NOTICE)
        page = self.site.templates.get_template(template).render(
            path=self.request.url.path,
            user=user,
            cart_quantity=cart["totalQuantity"] if cart else 0,
            cart_seen=f"{cart['id']}:{cart['version']}" if cart else "",
            notice_code=code,
            notice=texts.notice(code),
            **context,
        )
        caching = "no-store" if user else "private, no-cache"
        answer_headers = {
            **PAGE_HEADERS,
            "Cache-Control": caching,
            "Vary": "Cookie",
            **(headers or {}),
        }
        return HTMLResponse(page, status, answer_headers)

    def render_part(self, template: str, *, caching: str = "no-store", **context: Any) -> Response:
        """A part of a page, for a script to put in the place of an older one.

        Args:
            template: Of the part.
            caching: Its Cache-Control, for a part that is the same for everyone.
            context: What it shows.
        """
        part = self.site.templates.get_template(template).render(**context)
        return HTMLResponse(part, headers={**PAGE_HEADERS, "Cache-Control": caching})

    def redirect(self, address: str, notice: str = "") -> Response:
        """Go on to another page, which will tell the notice of that code."""
        if notice:
            secure = "; Secure" if self.request.url.scheme == "https" else ""
            self.cookies.to_set.append(
                f"{_NOTICE}={notice}; Max-Age={_NOTICE_SECONDS}; Path=/; HttpOnly; "
                f"SameSite=Lax{secure}"
            )
        return RedirectResponse(address, 303, {"Cache-Control": "no-store"})

    async def finish(self, response: Response) -> Response:
        """`response`, with the cookies that were set on the way."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._until_finished.aclose()
        for cookie in self.cookies.to_set:
            response.headers.append("set-cookie", cookie)
        return response

    async def _read_form(self, max_files: int, max_bytes: int) -> FormData:
        if self._form is None:
            request = Request(self.request.scope, limited(self.request.receive, max_bytes))
            self._form = await request.form(max_files=max_files, max_fields=_MAX_FIELDS)
            self._until_finished.push_async_callback(self._form.close)
        return self._form

    def _once(self, name: str, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """The task of that name; begun if it is not there yet."""
        if name in self._tasks:
            work.close()
        else:
            self._tasks[name] = asyncio.create_task(work)
        return self._tasks[name]

    async def _get_user(self) -> Json | None:
        if self.api.unrenewed:
            raise self.api.unrenewed
        if not self.cookies.has(SESSION):
            return None
        user: Json | None = (await self.api.get("/api/users/currentuser"))["currentUser"]
        return user

    async def _get_cart(self) -> Json:
        if not self.cookies.has(SESSION) and not self.cookies.has(_CART):
            return EMPTY_CART
        cart: Json = (await self.api.get("/api/cart"))["cart"]
        return cart


async def _if_known(work: Awaitable[T]) -> T | None:
    """What `work` finds; None where the API does not tell, since the page is worth more."""
    try:
        return await work
    except ApiProblem:
        return None


def _forwarded(request: Request) -> dict[str, str]:
    """What the API learns of the browser."""
    given = request.headers
    hops = [*given.getlist("x-forwarded-for"), *([request.client.host] if request.client else [])]
    headers = {
        "Accept": "application/json",
        "User-Agent": given.get("user-agent", ""),
        "X-Forwarded-For": ", ".join(hops),
        "X-Request-Id": given.get("x-request-id") or uuid.uuid4().hex,
    }
    return {name: value for name, value in headers.items() if value}

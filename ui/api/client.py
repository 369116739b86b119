"""The REST API on behalf of one visitor."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import orjson
from starlette.types import ASGIApp

from ui.api.exchange import Headers, exchange
from ui.api.problems import ApiProblem, Json, problem_of, unanswered
from ui.http.cookies import BrowserCookies

SESSION, REFRESH = "session", "refreshToken"


@dataclass(frozen=True)
class Answer:
    """A success: its status, and its body (empty for 204)."""

    status: int
    body: Json


class Api:
    """Calls the API with a browser's cookies, and keeps its visitor signed in.

    Args:
        app: The API as an ASGI app, in this process or elsewhere.
        cookies: Those of the request for a page; changed by what the API sets.
        headers: Sent along with every call.

    Attributes:
        unrenewed: Why no one knows whether the visitor is signed in still; None where it is known.
    """

    def __init__(self, app: ASGIApp, cookies: BrowserCookies, headers: Mapping[str, str]) -> None:
        self._app = app
        self._cookies = cookies
        self._headers = _encoded(headers)
        self._renewing = asyncio.Lock()
        self._is_renewed = False
        self.unrenewed: ApiProblem | None = None

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> Json:
        """The body at `path`; parameters that are None or empty are left out.

        Raises:
            ApiProblem: The API refused, or did not answer.
        """
        given = {key: value for key, value in (query or {}).items() if value not in (None, "")}
        return (await self.call("GET", path, params=given)).body

    async def post(self, path: str, body: Json | None = None, *, key: str = "") -> Answer:
        """Post JSON, with an idempotency key where one is given.

        Raises:
            ApiProblem: The API refused, or did not answer.
        """
        headers = {"Idempotency-Key": key} if key else {}
        return await self.call("POST", path, json=body or {}, headers=headers)

    async def call(self, method: str, path: str, **content: Any) -> Answer:
        """Call; a session that has ended is renewed once, and the call made again.

        Args:
            method: HTTP method.
            path: Path on the gateway, each part of it encoded.
            content: `params`, `headers`, and the body: `json`, or httpx's `data` and `files`.

        Raises:
            ApiProblem: The API refused, or did not answer.
        """
        try:
            return await self._call(method, path, **content)
        except ApiProblem as problem:
            if problem.reason != "UNAUTHENTICATED" or not await self._renew():
                raise self.unrenewed or problem from problem
        return await self._call(method, path, **content)

    async def keep_signed_in(self) -> None:
        """Renew a session whose quarter of an hour is over, before anything else is asked."""
        if self._cookies.has(REFRESH) and not self._cookies.has(SESSION):
            await self._renew()

    async def _renew(self) -> bool:
        """Try once in a request for a page; whether another try of a call is worth while.

        Two visits at a time may both renew: the API takes a used token for ten seconds more.
        """
        async with self._renewing:
            if self._is_renewed:
                return self.unrenewed is None
            self._is_renewed = True
            try:
                if self._cookies.has(REFRESH):
                    await self._call("POST", "/api/users/refresh", json={})
                else:
                    self._cookies.forget(SESSION)
            except ApiProblem as problem:
                if problem.status != 401:
                    self.unrenewed = problem
                    return False
                # It is over for good: what anyone may see is shown as to a guest.
                self._cookies.forget(SESSION, REFRESH)
            return True

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **content: Any,
    ) -> Answer:
        sent, body = _body(**content) if content else (Headers(), ())
        sent += self._headers + _encoded(headers or {})
        if cookie := self._cookies.header:
            sent.append((b"cookie", cookie.encode("latin-1")))
        answer = await exchange(self._app, method, path, urlencode(params or {}), sent, body)
        if not answer.status:
            raise unanswered()
        self._cookies.take(answer.values(b"set-cookie"))
        if answer.status >= 400:
            raise problem_of(answer)
        return Answer(answer.status, orjson.loads(answer.body) if answer.body else {})


def _encoded(headers: Mapping[str, str]) -> Headers:
    # As what came from a browser was decoded.
    return [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]


def _body(*, json: Json | None = None, **form: Any) -> tuple[Headers, Iterable[bytes]]:
    """A body, and the headers that tell of it."""
    if json is not None:
        body = orjson.dumps(json)
        length = str(len(body)).encode()
        return [(b"content-type", b"application/json"), (b"content-length", length)], [body]
    request = httpx.Request("POST", "http://api", **form)
    sent = {b"content-type", b"content-length"}
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    # A form with a file is read as it is sent, piece by piece.
    return [each for each in headers if each[0] in sent], request.stream  # type: ignore[return-value]


def path_segment(value: str) -> str:
    """`value` as one part of a path."""
    return quote(value, safe="")

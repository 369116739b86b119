"""The REST API on behalf of one visitor."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote

import httpx

from ui.api.problems import ApiProblem, Json, problem_of, unanswered
from ui.http.cookies import BrowserCookies

# Longer than the gateway gives its slowest call, an upload.
TIMEOUT = httpx.Timeout(25.0, connect=2.0)

SESSION, REFRESH = "session", "refreshToken"


@dataclass(frozen=True)
class Answer:
    """A success: its status, and its body (empty for 204)."""

    status: int
    body: Json


class Api:
    """Calls the API with a browser's cookies, and keeps its visitor signed in.

    Args:
        client: Reaches the gateway.
        cookies: Those of the request for a page; changed by what the API sets.
        headers: Sent along with every call.

    Attributes:
        unrenewed: Why no one knows whether the visitor is signed in still; None where it is known.
    """

    def __init__(
        self, client: httpx.AsyncClient, cookies: BrowserCookies, headers: Mapping[str, str]
    ) -> None:
        self._client = client
        self._cookies = cookies
        self._headers = headers
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
            content: httpx's arguments for query, headers and body.

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

    async def _call(self, method: str, path: str, **content: Any) -> Answer:
        headers = {**self._headers, "Cookie": self._cookies.header, **content.pop("headers", {})}
        if not headers["Cookie"]:
            del headers["Cookie"]
        try:
            response = await self._client.request(method, path, headers=headers, **content)
        except httpx.TransportError as error:
            raise unanswered() from error
        self._cookies.take(response.headers.get_list("set-cookie"))
        if response.status_code >= 400:
            raise problem_of(response)
        return Answer(response.status_code, response.json() if response.content else {})


def keep_no_cookies(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """`client`, which from now on remembers no cookie: it is shared by all visitors."""
    client.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return client


def path_segment(value: str) -> str:
    """`value` as one part of a path."""
    return quote(value, safe="")

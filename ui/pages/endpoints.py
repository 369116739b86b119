"""How a page is answered, whatever happens on the way."""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ui.api.problems import ApiProblem, SignInNeeded
from ui.http.bodies import MAX_UPLOAD_BYTES, limited
from ui.http.local_paths import page_without_slashes, path_of_own_page, sign_in_path
from ui.pages.page_request import PageRequest
from ui.rendering import texts

Handler = Callable[[PageRequest], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

_RETRY_SECONDS = "5"
_OTHER_SITES = {"cross-site", "same-site"}


def page(handler: Handler) -> Endpoint:
    """The endpoint of a page."""

    async def endpoint(request: Request) -> Response:
        page_request = _page_request(request)
        return await page_request.finish(
            await _answer(page_request, handler, is_page=request.method != "POST")
        )

    return endpoint


def part(handler: Handler) -> Endpoint:
    """The endpoint of a part of a page, which a script asks for."""

    async def endpoint(request: Request) -> Response:
        page_request = _page_request(request)
        return await page_request.finish(await _answer(page_request, handler, is_page=False))

    return endpoint


def redirect_to(address: str) -> Handler:
    """The handler for a form's address that is opened like a page, as from a browser's history.

    Args:
        address: The page with the form; it may name parameters of the form's own address.
    """

    async def lead(page_request: PageRequest) -> Response:
        return page_request.redirect(address.format_map(page_request.request.path_params))

    return lead


async def refuse(request: Request, error: Exception) -> Response:
    """The page for an HTTPException of the framework's."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    if error.status_code == 404 and (address := page_without_slashes(request)):
        return RedirectResponse(address, 301)
    page_request = _page_request(request)
    response = await problem_page(page_request, error.status_code)
    response.headers.update(error.headers or {})
    return await page_request.finish(response)


async def fail(request: Request, _: Exception) -> Response:
    """The page for an internal error; the server logs what it was."""
    page_request: PageRequest | None = getattr(request.state, "page_request", None)
    page_request = page_request or _page_request(request)
    page_request.is_bare = True
    return await page_request.finish(await problem_page(page_request, 500))


async def problem_page(
    page_request: PageRequest,
    status: int,
    *,
    detail: str = "",
    request_id: str = "",
    retry_after: str = "",
) -> Response:
    """The page for a status, in the shop's look."""
    heading, sentence = texts.page_of_problem(status)
    headers = {"Retry-After": retry_after or _RETRY_SECONDS} if status == 503 else {}
    return await page_request.render(
        "problem.html",
        status,
        headers,
        code=status,
        heading=heading,
        sentence=detail or sentence,
        # A fault may be one of the pages' own: its log has the request's id.
        request_id=request_id or (page_request.request_id if status >= 500 else ""),
        again=_page_of(page_request),
    )


def _page_request(request: Request) -> PageRequest:
    # No page takes more; those without a file take less, see `PageRequest.form`.
    page_request = PageRequest(Request(request.scope, limited(request.receive, MAX_UPLOAD_BYTES)))
    # For the page that is shown where the handler fails: what cookies were set must not be lost.
    request.state.page_request = page_request
    return page_request


async def _answer(page_request: PageRequest, handler: Handler, *, is_page: bool) -> Response:
    try:
        if page_request.request.method == "POST":
            _check_origin(page_request.request)
        await page_request.api.keep_signed_in()
        if is_page:
            page_request.prefetch()
        return await handler(page_request)
    except SignInNeeded:
        return page_request.redirect(sign_in_path(_page_of(page_request)))
    except HTTPException as error:
        detail = error.detail if error.status_code == 403 else ""
        return await problem_page(page_request, error.status_code, detail=detail)
    except ApiProblem as problem:
        if problem.status == 401:
            return page_request.redirect(sign_in_path(_page_of(page_request)))
        return await problem_page(
            page_request,
            # A gateway that gave up waiting looks to a shopper like one that is not there.
            503 if problem.status in {502, 503, 504} else problem.status,
            detail="" if problem.status >= 500 or problem.status == 404 else problem.detail,
            request_id=problem.request_id,
            retry_after=problem.retry_after,
        )


def _check_origin(request: Request) -> None:
    """Refuse a form of another site's.

    Browsers say so by themselves, in `Origin` or in `Sec-Fetch-Site`; a client that sends neither
    is no browser.

    Raises:
        HTTPException: 403.
    """
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if origin is None:
        is_foreign = request.headers.get("sec-fetch-site") in _OTHER_SITES
    else:
        is_foreign = not host or origin not in {f"http://{host}", f"https://{host}"}
    if is_foreign:
        raise HTTPException(403, "This form was sent from a page of another site.")


def _page_of(page_request: PageRequest) -> str:
    """The page to come back to: this one, or the one whose form was sent."""
    if page_request.request.method != "POST":
        return page_request.path
    headers = page_request.request.headers
    return path_of_own_page(headers.get("referer"), headers.get("host", ""))

"""How a page is answered, whatever happens on the way."""

from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ui import texts as words
from ui.http.bodies import MAX_UPLOAD_BYTES, limited
from ui.http.local_paths import page_without_slashes, path_of_own_page, sign_in_path
from ui.http.origin import check_origin
from ui.page_request import Visit
from ui.problems import ApiProblem, SignInNeeded

Handler = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]

_RETRY_SECONDS = "5"


def page(handler: Handler) -> Endpoint:
    """The endpoint of a page."""

    async def endpoint(request: Request) -> Response:
        visit = _visit(request)
        return await visit.finish(await _answer(visit, handler, is_page=request.method != "POST"))

    return endpoint


def part(handler: Handler) -> Endpoint:
    """The endpoint of a part of a page, which a script asks for."""

    async def endpoint(request: Request) -> Response:
        visit = _visit(request)
        return await visit.finish(await _answer(visit, handler, is_page=False))

    return endpoint


def leads_to(address: str) -> Handler:
    """The handler for a form's address that is opened like a page, as from a browser's history.

    Args:
        address: The page with the form; it may name parameters of the form's own address.
    """

    async def lead(visit: Visit) -> Response:
        return visit.redirect(address.format_map(visit.request.path_params))

    return lead


async def refuse(request: Request, error: Exception) -> Response:
    """The page for an HTTPException of the framework's."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for no other
    if error.status_code == 404 and (address := page_without_slashes(request)):
        return RedirectResponse(address, 301)
    visit = _visit(request)
    response = await problem_page(visit, error.status_code)
    response.headers.update(error.headers or {})
    return await visit.finish(response)


async def fail(request: Request, _: Exception) -> Response:
    """The page for an internal error; the server logs what it was."""
    visit: Visit | None = getattr(request.state, "visit", None)
    visit = visit or _visit(request)
    visit.is_bare = True
    return await visit.finish(await problem_page(visit, 500))


async def problem_page(
    visit: Visit, status: int, *, detail: str = "", request_id: str = "", retry_after: str = ""
) -> Response:
    """The page for a status, in the shop's look."""
    heading, sentence = words.page_of_problem(status)
    headers = {"Retry-After": retry_after or _RETRY_SECONDS} if status == 503 else {}
    return await visit.render(
        "problem.html",
        status,
        headers,
        code=status,
        heading=heading,
        sentence=detail or sentence,
        # A fault may be one of the pages' own: its log has the request's id.
        request_id=request_id or (visit.request_id if status >= 500 else ""),
        again=_page_of(visit),
    )


def _visit(request: Request) -> Visit:
    # No page takes more; those without a file take less, see `Visit.form`.
    visit = Visit(Request(request.scope, limited(request.receive, MAX_UPLOAD_BYTES)))
    # For the page that is shown where the handler fails: what cookies were set must not be lost.
    request.state.visit = visit
    return visit


async def _answer(visit: Visit, handler: Handler, *, is_page: bool) -> Response:
    try:
        if visit.request.method == "POST":
            check_origin(visit.request)
        await visit.api.keep_signed_in()
        if is_page:
            visit.look_around()
        return await handler(visit)
    except SignInNeeded:
        return visit.redirect(sign_in_path(_page_of(visit)))
    except HTTPException as error:
        detail = error.detail if error.status_code == 403 else ""
        return await problem_page(visit, error.status_code, detail=detail)
    except ApiProblem as problem:
        if problem.status == 401:
            return visit.redirect(sign_in_path(_page_of(visit)))
        return await problem_page(
            visit,
            # A gateway that gave up waiting looks to a shopper like one that is not there.
            503 if problem.status in {502, 503, 504} else problem.status,
            detail="" if problem.status >= 500 or problem.status == 404 else problem.detail,
            request_id=problem.request_id,
            retry_after=problem.retry_after,
        )


def _page_of(visit: Visit) -> str:
    """The page to come back to: this one, or the one whose form was sent."""
    if visit.request.method != "POST":
        return visit.path
    headers = visit.request.headers
    return path_of_own_page(headers.get("referer"), headers.get("host", ""))

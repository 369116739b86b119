"""Events that a service gave up: look at them, have them handled again, or give them up."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import Route

from ui.admin.access import admin_page
from ui.api.client import path_segment
from ui.api.problems import ApiProblem, Json
from ui.pages.endpoints import redirect_to
from ui.pages.page_request import PageRequest
from ui.rendering import texts

_API = "/api/admin/dead-letters"
_LIST = "/admin/dead-letters"
_FILTERS = ("service", "group", "topic")
_MOST_CHOSEN = 100
_FAILED = "REPLAY_FAILED"


async def list_letters(request: PageRequest) -> Response:
    """Letters of all services, oldest first."""
    return await _list(request)


async def show_letter(request: PageRequest) -> Response:
    """One letter, with its event and all that went wrong."""
    return await _letter(request)


async def replay(request: PageRequest) -> Response:
    """Have the event of a letter handled again."""
    try:
        await request.api.post(f"{_path(request)}/replay")
    except ApiProblem as problem:
        if problem.reason != _FAILED:
            raise
        return await _letter(request, problem.status, texts.failed_again(problem.detail))
    return request.redirect(_LIST, "letter-replayed")


async def drop(request: PageRequest) -> Response:
    """Give the event of a letter up."""
    await request.api.call("DELETE", _path(request))
    return request.redirect(_LIST, "letter-dropped")


async def replay_some(request: PageRequest) -> Response:
    """Have the events of the chosen letters handled again."""
    chosen = await _chosen(request)
    if not chosen:
        return request.redirect(_LIST, "none-chosen")
    became = (await request.api.post(f"{_API}/replay", {"deadLetterIds": chosen})).body
    if became["failed"] or became["left"] or became["unreachable"]:
        return await _list(request, 409, texts.replayed(became))
    return request.redirect(_LIST, "letters-replayed")


async def drop_some(request: PageRequest) -> Response:
    """Give the events of the chosen letters up, once that is confirmed."""
    chosen = await _chosen(request)
    if not chosen:
        return request.redirect(_LIST, "none-chosen")
    if not (await request.typed("confirmed"))["confirmed"]:
        return await request.render("admin/dead_letters_drop.html", chosen=chosen)
    became = (await request.api.post(f"{_API}/drop", {"deadLetterIds": chosen})).body
    if became["unreachable"]:
        return await _list(request, 409, texts.unreachable(became["unreachable"]))
    return request.redirect(_LIST, "letters-dropped")


async def _chosen(request: PageRequest) -> list[str]:
    form = await request.form()
    return [str(each) for each in form.getlist("letter")][:_MOST_CHOSEN]


async def _list(request: PageRequest, status: int = 200, message: str = "") -> Response:
    token = request.asked("pageToken")
    filters = {name: request.asked(name, 200) for name in _FILTERS}
    found = await _found(request, {**filters, "pageToken": token})
    return await request.render(
        "admin/dead_letters.html",
        status,
        message=message,
        filters=filters,
        letters=found["deadLetters"],
        total=found["totalSize"],
        unreachable=found["unreachable"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


async def _found(request: PageRequest, asked: Mapping[str, str]) -> Json:
    """The letters; none where a filter names what there is not."""
    try:
        return await request.api.get(_API, asked)
    except ApiProblem as problem:
        if "service" not in problem.errors:
            raise
        return {"deadLetters": [], "totalSize": 0, "unreachable": [], "nextPageToken": ""}


async def _letter(request: PageRequest, status: int = 200, message: str = "") -> Response:
    letter = (await request.api.get(_path(request)))["deadLetter"]
    return await request.render("admin/dead_letter.html", status, letter=letter, message=message)


def _path(request: PageRequest) -> str:
    service, letter_id = request.id("service"), request.id("letter_id")
    return f"{_API}/{path_segment(service)}/{path_segment(letter_id)}"


_ONE = f"{_LIST}/{{service}}/{{letter_id}}"
ROUTES = [
    Route(_LIST, admin_page(list_letters)),
    Route(f"{_LIST}/replay", admin_page(redirect_to(_LIST))),
    Route(f"{_LIST}/replay", admin_page(replay_some), methods=["POST"]),
    Route(f"{_LIST}/drop", admin_page(redirect_to(_LIST))),
    Route(f"{_LIST}/drop", admin_page(drop_some), methods=["POST"]),
    Route(_ONE, admin_page(show_letter)),
    Route(f"{_ONE}/replay", admin_page(redirect_to(_ONE))),
    Route(f"{_ONE}/replay", admin_page(replay), methods=["POST"]),
    Route(f"{_ONE}/drop", admin_page(redirect_to(_ONE))),
    Route(f"{_ONE}/drop", admin_page(drop), methods=["POST"]),
]

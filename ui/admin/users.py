"""People with accounts: find, block, unblock, change their role."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ui.admin.access import admin_page
from ui.api.client import path_segment
from ui.api.problems import ApiProblem
from ui.http.local_paths import local_path
from ui.pages.page_request import PageRequest
from ui.rendering import texts

_ROLES = ("user", "admin")
_BLOCKED = ("true", "false")
_LIST = "/admin/users"

# What can be done to an account -> the end of the address of its RPC, and the body.
ACTIONS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "block": ("block", {}),
    "unblock": ("unblock", {}),
    "make-admin": ("role", {"role": "admin"}),
    "make-user": ("role", {"role": "user"}),
}


async def list_users(request: PageRequest) -> Response:
    """Accounts, newest first."""
    return await _page_of(request)


async def confirm(request: PageRequest) -> Response:
    """Ask whether an account is really to be changed, and say what that does."""
    if request.asked("action") not in ACTIONS:
        return request.redirect(_LIST)
    return await _confirmation(
        request,
        request.asked("action"),
        request.asked("email"),
        request.asked("next"),
    )


async def change(request: PageRequest) -> Response:
    """Block or unblock an account, or change its role; it takes effect at once."""
    typed = await request.typed("action", "email", "next")
    if typed["action"] not in ACTIONS:
        return request.redirect(_LIST)
    path, body = ACTIONS[typed["action"]]
    try:
        await request.api.post(
            f"/api/users/admin/users/{path_segment(request.id('user_id'))}/{path}", dict(body)
        )
    except ApiProblem as problem:
        if problem.status not in {400, 409}:
            raise
        message = texts.refusal(problem.reason, problem.detail)
        return await _confirmation(
            request, typed["action"], typed["email"], typed["next"], problem.status, message
        )
    return request.redirect(_back(typed["next"]), f"user-{typed['action']}")


async def _confirmation(
    request: PageRequest,
    action: str,
    email: str,
    next_path: str,
    status: int = 200,
    message: str = "",
) -> Response:
    user_id = request.id("user_id")
    found = await request.api.get("/api/users/admin/users", {"query": email[:100], "pageSize": 100})
    person = next((each for each in found["users"] if each["id"] == user_id), None)
    if person is None:
        raise HTTPException(404)
    return await request.render(
        "admin/user_change.html",
        status,
        message=message,
        action=action,
        person=person,
        next_path=_back(next_path),
    )


def _back(next_path: str) -> str:
    """The list as it was left, with its filter and page."""
    path = local_path(next_path, _LIST)
    return path if path.partition("?")[0] == _LIST else _LIST


async def _page_of(request: PageRequest) -> Response:
    role, blocked, token = (
        request.asked("role"),
        request.asked("blocked"),
        request.asked("pageToken"),
    )
    filters = {
        "query": request.asked("query", 100),
        "role": role if role in _ROLES else "",
        "blocked": blocked if blocked in _BLOCKED else "",
    }
    found = await request.api.get("/api/users/admin/users", {**filters, "pageToken": token})
    return await request.render(
        "admin/users.html",
        filters=filters,
        here=request.path,
        roles=_ROLES,
        users=found["users"],
        total=found["totalSize"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


ROUTES = [
    Route("/admin/users", admin_page(list_users)),
    Route("/admin/users/{user_id}", admin_page(confirm)),
    Route("/admin/users/{user_id}", admin_page(change), methods=["POST"]),
]

"""People with accounts: find, block, unblock, change their role."""

from starlette.responses import Response
from starlette.routing import Route

from ui import words
from ui.admin.gate import admin_page
from ui.api import part as path_part
from ui.pages import leads_to
from ui.problems import ApiProblem
from ui.visit import Visit

_ROLES = ("user", "admin")
_BLOCKED = ("true", "false")


async def list_users(visit: Visit) -> Response:
    """Accounts, newest first."""
    return await _page_of(visit)


async def change(visit: Visit) -> Response:
    """Block or unblock an account, or change its role; it takes effect at once."""
    typed = await visit.typed("action", "role")
    path = f"/api/users/admin/users/{path_part(visit.id('user_id'))}"
    try:
        if typed["action"] == "role":
            await visit.api.post(f"{path}/role", {"role": typed["role"]})
        else:
            verb = "block" if typed["action"] == "block" else "unblock"
            await visit.api.post(f"{path}/{verb}")
    except ApiProblem as problem:
        if problem.status not in {400, 409}:
            raise
        message = words.refusal(problem.reason, problem.detail)
        return await _page_of(visit, problem.status, message)
    return visit.redirect("/admin/users", "user-updated")


async def _page_of(visit: Visit, status: int = 200, message: str = "") -> Response:
    role, blocked, token = visit.asked("role"), visit.asked("blocked"), visit.asked("pageToken")
    filters = {
        "query": visit.asked("query", 100),
        "role": role if role in _ROLES else "",
        "blocked": blocked if blocked in _BLOCKED else "",
    }
    found = await visit.api.get("/api/users/admin/users", {**filters, "pageToken": token})
    return await visit.render(
        "admin/users.html",
        status,
        message=message,
        filters=filters,
        roles=_ROLES,
        users=found["users"],
        total=found["totalSize"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


ROUTES = [
    Route("/admin/users", admin_page(list_users)),
    Route("/admin/users/{user_id}", admin_page(leads_to("/admin/users"))),
    Route("/admin/users/{user_id}", admin_page(change), methods=["POST"]),
]

"""The shopper's own account: details, password, devices."""

from starlette.responses import Response
from starlette.routing import Route

from ui import texts as words
from ui.api import part as path_part
from ui.forms import Form, refused
from ui.page_request import Visit
from ui.pages import leads_to, page, part
from ui.problems import ApiProblem

_PROFILE = ("name", "phone", "address")


async def show_account(visit: Visit) -> Response:
    """The account's page."""
    return await _page_of(visit)


async def save_profile(visit: Visit) -> Response:
    """Change name, phone and address."""
    typed = await visit.typed(*_PROFILE)
    # Browsers send line breaks in two characters.
    typed["address"] = typed["address"].replace("\r\n", "\n")
    try:
        await visit.api.post("/api/users/profile", dict(typed))
    except ApiProblem as problem:
        return await _page_of(visit, problem.status, profile=refused(typed, problem))
    return visit.redirect("/account", "profile-saved")


async def change_password(visit: Visit) -> Response:
    """Set a new password; every other device is signed out."""
    form = await visit.form()
    passwords = {name: str(form.get(name, "")) for name in ("currentPassword", "newPassword")}
    try:
        await visit.api.post("/api/users/password", dict(passwords))
    except ApiProblem as problem:
        # Passwords never come back to the page.
        again = refused(dict.fromkeys(passwords, ""), problem, _PASSWORD_REFUSALS)
        return await _page_of(visit, problem.status, password=again)
    return visit.redirect("/account", "password-changed")


async def end_session(visit: Visit) -> Response:
    """Sign one of the shopper's devices out."""
    await visit.api.call("DELETE", f"/api/users/sessions/{path_part(visit.id('session_id'))}")
    return visit.redirect("/account", "session-ended")


async def _page_of(
    visit: Visit, status: int = 200, *, profile: Form | None = None, password: Form | None = None
) -> Response:
    user = await visit.require_user()
    sessions = await visit.api.get("/api/users/sessions", {"pageSize": 50})
    return await visit.render(
        "storefront/account.html",
        status,
        profile=profile or Form({name: user[name] for name in _PROFILE}),
        password=password or Form(),
        sessions=sessions["sessions"],
    )


_PASSWORD_REFUSALS = {
    **words.REFUSALS,
    "INVALID_CREDENTIALS": "That is not your present password.",
}

ROUTES = [
    Route("/account", page(show_account)),
    Route("/account", page(save_profile), methods=["POST"]),
    Route("/account/password", part(leads_to("/account"))),
    Route("/account/password", page(change_password), methods=["POST"]),
    Route("/account/sessions/{session_id}/end", page(end_session), methods=["POST"]),
]

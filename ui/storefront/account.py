"""The shopper's own account: details, password, devices."""

from starlette.responses import Response
from starlette.routing import Route

from ui.api.client import path_segment
from ui.api.problems import ApiProblem
from ui.pages.endpoints import page, part, redirect_to
from ui.pages.forms import Form, refused
from ui.pages.page_request import PageRequest
from ui.rendering import texts

_PROFILE = ("name", "phone", "address")


async def show_account(request: PageRequest) -> Response:
    """The account's page."""
    return await _page_of(request)


async def save_profile(request: PageRequest) -> Response:
    """Change name, phone and address."""
    typed = await request.typed(*_PROFILE)
    # Browsers send line breaks in two characters.
    typed["address"] = typed["address"].replace("\r\n", "\n")
    try:
        await request.api.post("/api/users/profile", dict(typed))
    except ApiProblem as problem:
        return await _page_of(request, problem.status, profile=refused(typed, problem))
    return request.redirect("/account", "profile-saved")


async def change_password(request: PageRequest) -> Response:
    """Set a new password; every other device is signed out."""
    form = await request.form()
    passwords = {name: str(form.get(name, "")) for name in ("currentPassword", "newPassword")}
    try:
        await request.api.post("/api/users/password", dict(passwords))
    except ApiProblem as problem:
        # Passwords never come back to the page.
        again = refused(dict.fromkeys(passwords, ""), problem, _PASSWORD_REFUSALS)
        return await _page_of(request, problem.status, password=again)
    return request.redirect("/account", "password-changed")


async def end_session(request: PageRequest) -> Response:
    """Sign one of the shopper's devices out."""
    await request.api.call(
        "DELETE", f"/api/users/sessions/{path_segment(request.id('session_id'))}"
    )
    return request.redirect("/account", "session-ended")


async def _page_of(
    request: PageRequest,
    status: int = 200,
    *,
    profile: Form | None = None,
    password: Form | None = None,
) -> Response:
    user = await request.require_user()
    sessions = await request.api.get("/api/users/sessions", {"pageSize": 50})
    return await request.render(
        "storefront/account.html",
        status,
        profile=profile or Form({name: user[name] for name in _PROFILE}),
        password=password or Form(),
        sessions=sessions["sessions"],
    )


_PASSWORD_REFUSALS = {
    **texts.REFUSALS,
    "INVALID_CREDENTIALS": "That is not your present password.",
}

ROUTES = [
    Route("/account", page(show_account)),
    Route("/account", page(save_profile), methods=["POST"]),
    Route("/account/password", part(redirect_to("/account"))),
    Route("/account/password", page(change_password), methods=["POST"]),
    Route("/account/sessions/{session_id}/end", page(end_session), methods=["POST"]),
]

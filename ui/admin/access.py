"""Who may enter the console. The API decides for itself; this spares people its refusals."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ui.api.problems import ApiProblem, Json, SignInNeeded
from ui.http.multipart import LOST_FILE, text_fields
from ui.pages.endpoints import Endpoint, Handler, page, part
from ui.pages.forms import Form, refused
from ui.pages.page_request import PageRequest
from ui.rendering.texts import REFUSALS

ADMIN = "admin"
# The parameter of the address that a form is sent to again together with email and password.
_SIGN_IN = "signin"
_CREDENTIALS = ("email", "password")


def admin_page(handler: Handler) -> Endpoint:
    """The endpoint of a page that is for admins: guests sign in first, others get 403."""

    async def guarded(request: PageRequest) -> Response:
        _check_admin(await request.require_user())
        return await handler(request)

    return page(guarded)


def admin_part(handler: Handler) -> Endpoint:
    """As `admin_page`, for a part of a page, which a script asks for."""

    async def guarded(request: PageRequest) -> Response:
        _check_admin(await request.require_user())
        return await handler(request)

    return part(guarded)


def admin_form(handler: Handler) -> Endpoint:
    """As `admin_page`, for a form that takes long to fill in: it outlives the session.

    Who has to sign in first gets a page that holds what they typed and sends it with the password.
    """

    async def guarded(request: PageRequest) -> Response:
        user = await request.user()
        if user is None:
            if request.asked(_SIGN_IN):
                return await _signed_in(request, handler)
            texts = await text_fields(request.request)
            if not texts:
                raise SignInNeeded
            return await _sign_in_page(request, texts, Form(), 401)
        _check_admin(user)
        return await handler(request)

    return page(guarded)


async def _signed_in(request: PageRequest, handler: Handler) -> Response:
    form = await request.form()
    texts = {name: text for name, text in form.items() if isinstance(text, str)}
    credentials = {name: texts.pop(name, "") for name in _CREDENTIALS}
    try:
        await request.api.post("/api/users/signin", credentials)
    except ApiProblem as problem:
        typed = refused({"email": credentials["email"], "password": ""}, problem, REFUSALS)
        return await _sign_in_page(request, texts, typed, problem.status)
    request.forget_user()
    _check_admin(await request.require_user())
    return await handler(request)


async def _sign_in_page(
    request: PageRequest, texts: Mapping[str, str], form: Form, status: int
) -> Response:
    return await request.render(
        "admin/sign_in.html",
        status,
        form=form,
        texts=texts,
        action=f"{request.request.url.path}?{_SIGN_IN}=1",
        has_lost_file=LOST_FILE in texts,
    )


def _check_admin(user: Json) -> None:
    if user["role"] != ADMIN:
        raise HTTPException(403, "This part of the shop is for those who run it.")

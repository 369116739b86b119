"""Signing up, in and out."""

from starlette.responses import Response
from starlette.routing import Route

from ui.api.problems import ApiProblem
from ui.http.local_paths import local_path
from ui.pages.endpoints import page
from ui.pages.forms import Form, refused
from ui.pages.page_request import PageRequest
from ui.rendering import texts


async def show_sign_in(request: PageRequest) -> Response:
    """The form to sign in with."""
    return await _form_page(request, "storefront/sign_in.html", Form())


async def sign_in(request: PageRequest) -> Response:
    """Sign in, and go on to where the shopper was going."""
    typed = await request.typed("email", "next")
    password = str((await request.form()).get("password", ""))
    try:
        await request.api.post("/api/users/signin", {"email": typed["email"], "password": password})
    except ApiProblem as problem:
        form = refused({**typed, "password": ""}, problem, texts.REFUSALS)
        return await _refused_page(request, "storefront/sign_in.html", form, problem)
    return request.redirect(local_path(typed["next"]), "signed-in")


async def show_sign_up(request: PageRequest) -> Response:
    """The form to open an account with."""
    return await _form_page(request, "storefront/sign_up.html", Form())


async def sign_up(request: PageRequest) -> Response:
    """Open an account, and go on to where the shopper was going."""
    typed = await request.typed("name", "email", "next")
    password = str((await request.form()).get("password", ""))
    account = {"name": typed["name"], "email": typed["email"], "password": password}
    try:
        await request.api.post("/api/users/signup", account)
    except ApiProblem as problem:
        form = refused({**typed, "password": ""}, problem, texts.REFUSALS)
        return await _refused_page(request, "storefront/sign_up.html", form, problem)
    return request.redirect(local_path(typed["next"]), "welcome")


async def sign_out(request: PageRequest) -> Response:
    """End the session."""
    await request.api.post("/api/users/signout")
    return request.redirect("/", "signed-out")


async def _form_page(request: PageRequest, template: str, form: Form) -> Response:
    next_path = local_path(request.asked("next"))
    if await request.user() is not None:
        return request.redirect(next_path)
    return await request.render(template, form=form, next_path=next_path, reason="")


async def _refused_page(
    request: PageRequest, template: str, form: Form, problem: ApiProblem
) -> Response:
    return await request.render(
        template,
        problem.status,
        form=form,
        next_path=local_path(form.value("next")),
        reason=problem.reason,
    )


ROUTES = [
    Route("/signin", page(show_sign_in)),
    Route("/signin", page(sign_in), methods=["POST"]),
    Route("/signup", page(show_sign_up)),
    Route("/signup", page(sign_up), methods=["POST"]),
    Route("/signout", page(sign_out), methods=["POST"]),
]

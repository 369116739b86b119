"""What the shop sells: list, add, change, take out."""

from starlette.responses import Response
from starlette.routing import Route

from ui import words
from ui.admin.gate import admin_page
from ui.admin.product_form import EMPTY, REFUSED_NAMES, ProductForm
from ui.api import part as path_part
from ui.forms import Form, refused
from ui.problems import ApiProblem, Json
from ui.visit import Visit


async def list_products(visit: Visit) -> Response:
    """Products, newest first."""
    filters, token = {"q": visit.asked("q", 100)}, visit.asked("pageToken")
    found = await visit.api.get("/api/products", {**filters, "pageToken": token, "pageSize": 50})
    return await visit.render(
        "admin/products.html",
        filters=filters,
        products=found["products"],
        total=found["totalSize"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


async def show_new(visit: Visit) -> Response:
    """The form for a new product."""
    return await _form_page(visit, Form(EMPTY))


async def create(visit: Visit) -> Response:
    """Add a product."""
    typed = ProductForm.read(await visit.form())
    if errors := typed.errors():
        return await _form_page(visit, Form(typed.values, errors), status=400)
    try:
        await visit.api.call("POST", "/api/products", **typed.content())
    except ApiProblem as problem:
        return await _refused(visit, typed, problem)
    return visit.redirect("/admin/products", "product-saved")


async def show_product(visit: Visit) -> Response:
    """The form for a product that there is."""
    product = await _product(visit)
    return await _form_page(visit, Form(ProductForm.of(product).values), product)


async def update(visit: Visit) -> Response:
    """Change a product, unless somebody else has in the meantime."""
    product_id = visit.id("product_id")
    typed = ProductForm.read(await visit.form())
    if errors := typed.errors():
        form = Form(typed.values, errors)
        return await _form_page(visit, form, await _product(visit), status=400)
    try:
        path = f"/api/products/{path_part(product_id)}"
        await visit.api.call("PUT", path, **typed.content(with_version=True))
    except ApiProblem as problem:
        if problem.reason == "VERSION_CONFLICT":
            return await _conflict(visit, typed, problem)
        return await _refused(visit, typed, problem, await _product(visit))
    return visit.redirect("/admin/products", "product-saved")


async def delete(visit: Visit) -> Response:
    """Take a product out of the shop."""
    await visit.api.call("DELETE", f"/api/products/{path_part(visit.id('product_id'))}")
    return visit.redirect("/admin/products", "product-deleted")


async def _conflict(visit: Visit, typed: ProductForm, problem: ApiProblem) -> Response:
    """What was typed beside what it has become: saving again is then on purpose."""
    current = problem.members.get("current") or await _product(visit)
    values = {**typed.values, "version": str(current["version"])}
    theirs = ProductForm.of(current)
    differing = {
        name: text
        for name, text in theirs.values.items()
        if name != "version" and text != values[name]
    }
    form = Form(values, message="Somebody else has changed this product in the meantime.")
    return await _form_page(visit, form, current, status=409, differing=differing)


async def _refused(
    visit: Visit, typed: ProductForm, problem: ApiProblem, product: Json | None = None
) -> Response:
    form = refused({**typed.values, "image": ""}, problem, words.REFUSALS, REFUSED_NAMES)
    return await _form_page(visit, form, product, status=problem.status)


async def _form_page(
    visit: Visit,
    form: Form,
    product: Json | None = None,
    *,
    status: int = 200,
    differing: dict[str, str] | None = None,
) -> Response:
    return await visit.render(
        "admin/product.html", status, form=form, product=product, differing=differing or {}
    )


async def _product(visit: Visit) -> Json:
    path = f"/api/products/{path_part(visit.id('product_id'))}"
    product: Json = (await visit.api.get(path))["product"]
    return product


ROUTES = [
    Route("/admin/products", admin_page(list_products)),
    Route("/admin/products", admin_page(create), methods=["POST"]),
    Route("/admin/products/new", admin_page(show_new)),
    Route("/admin/products/{product_id}", admin_page(show_product)),
    Route("/admin/products/{product_id}", admin_page(update), methods=["POST"]),
    Route("/admin/products/{product_id}/delete", admin_page(delete), methods=["POST"]),
]

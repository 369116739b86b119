"""What the shop sells: list, add, change, take out."""

import uuid
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from ui import texts as words
from ui.admin.gate import admin_form, admin_page
from ui.admin.product_form import LOADED, NEW, REFUSED_NAMES, ProductForm
from ui.api import part as path_part
from ui.forms import Form, refused
from ui.page_request import Visit
from ui.problems import ApiProblem, Json


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
    return await _form_page(visit, Form({**NEW, "currency": await visit.currency()}))


async def create(visit: Visit) -> Response:
    """Add a product."""
    typed = ProductForm.read(await visit.form_with_file())
    if (errors := typed.errors()) or typed.has_lost_image:
        return await _again(visit, typed, Form(typed.values, errors), None, 400)
    try:
        await visit.api.call("POST", "/api/products", **typed.creation())
    except ApiProblem as problem:
        return await _refused(visit, typed, problem)
    return visit.redirect("/admin/products", "product-saved")


async def show_product(visit: Visit) -> Response:
    """The form for a product that there is."""
    product = await _product(visit)
    typed = ProductForm.of(product, uuid.uuid4().hex)
    return await _form_page(visit, Form(typed.values), product, typed=typed)


async def update(visit: Visit) -> Response:
    """Change what was touched in the form; what others did meanwhile stays."""
    typed = ProductForm.read(await visit.form_with_file())
    if not typed.loaded:
        return await show_product(visit)
    if (errors := typed.errors()) or typed.has_lost_image:
        return await _again(visit, typed, Form(typed.values, errors), await _product(visit), 400)
    content = typed.edit()
    if not content:
        return visit.redirect("/admin/products", "product-unchanged")
    try:
        await visit.api.call("PATCH", _path(visit), **content)
    except ApiProblem as problem:
        if problem.reason == "VERSION_CONFLICT":
            return await _conflict(visit, typed, problem)
        return await _refused(visit, typed, problem, await _product(visit))
    return visit.redirect("/admin/products", "product-saved")


async def delete(visit: Visit) -> Response:
    """Take a product out of the shop."""
    await visit.api.call("DELETE", _path(visit))
    return visit.redirect("/admin/products", "product-deleted")


async def _conflict(visit: Visit, typed: ProductForm, problem: ApiProblem) -> Response:
    """What others changed since the form was made: beside what was typed, or taken over."""
    current: Json = problem.members.get("current") or await _product(visit)
    rebased = typed.rebased(current)
    theirs = {name: text for name, text in rebased.loaded.items() if text != typed.loaded.get(name)}
    return await _again(
        visit,
        rebased,
        Form(rebased.values, message="Somebody else has changed this product in the meantime."),
        current,
        409,
        colliding={name: text for name, text in theirs.items() if name in typed.touched},
        merged={name: text for name, text in theirs.items() if name not in typed.touched},
        is_new_picture="image_key" in problem.members.get("fields", ()),
    )


async def _refused(
    visit: Visit, typed: ProductForm, problem: ApiProblem, product: Json | None = None
) -> Response:
    form = refused({**typed.values, "image": ""}, problem, words.REFUSALS, REFUSED_NAMES)
    return await _again(visit, typed, form, product, problem.status)


async def _again(
    visit: Visit,
    typed: ProductForm,
    form: Form,
    product: Json | None,
    status: int,
    **context: Any,
) -> Response:
    """The form with what was typed; a chosen file is the one thing that cannot be given back."""
    if (typed.image or typed.has_lost_image) and "image" not in form.errors:
        form = replace(form, errors={**form.errors, "image": "Please choose the picture again."})
    return await _form_page(visit, form, product, status=status, typed=typed, **context)


async def _form_page(
    visit: Visit,
    form: Form,
    product: Json | None = None,
    *,
    status: int = 200,
    typed: ProductForm | None = None,
    **context: Any,
) -> Response:
    loaded = typed.loaded if typed else {}
    return await visit.render(
        "admin/product.html",
        status,
        form=form,
        product=product,
        hidden={LOADED + name: text for name, text in loaded.items()},
        **{"colliding": {}, "merged": {}, "is_new_picture": False, **context},
    )


async def _product(visit: Visit) -> Json:
    product: Json = (await visit.api.get(_path(visit)))["product"]
    return product


def _path(visit: Visit) -> str:
    return f"/api/products/{path_part(visit.id('product_id'))}"


ROUTES = [
    Route("/admin/products", admin_page(list_products)),
    Route("/admin/products", admin_form(create), methods=["POST"]),
    Route("/admin/products/new", admin_page(show_new)),
    Route("/admin/products/{product_id}", admin_page(show_product)),
    Route("/admin/products/{product_id}", admin_form(update), methods=["POST"]),
    Route("/admin/products/{product_id}/delete", admin_page(delete), methods=["POST"]),
]

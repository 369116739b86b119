"""What the shop sells: list, add, change, take out."""

import uuid
from dataclasses import replace
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from ui.admin.access import admin_form, admin_page
from ui.admin.product_form import LOADED, NEW, REFUSED_NAMES, ProductForm
from ui.api.client import path_segment
from ui.api.problems import ApiProblem, Json
from ui.pages.forms import Form, refused
from ui.pages.page_request import PageRequest
from ui.rendering import texts


async def list_products(request: PageRequest) -> Response:
    """Products, newest first."""
    filters, token = {"q": request.asked("q", 100)}, request.asked("pageToken")
    found = await request.api.get("/api/products", {**filters, "pageToken": token, "pageSize": 50})
    return await request.render(
        "admin/products.html",
        filters=filters,
        products=found["products"],
        total=found["totalSize"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


async def show_new(request: PageRequest) -> Response:
    """The form for a new product."""
    return await _form_page(request, Form({**NEW, "currency": await request.currency()}))


async def create(request: PageRequest) -> Response:
    """Add a product."""
    typed = ProductForm.read(await request.form_with_file())
    if (errors := typed.errors()) or typed.has_lost_image:
        return await _again(request, typed, Form(typed.values, errors), None, 400)
    try:
        await request.api.call("POST", "/api/products", **typed.creation())
    except ApiProblem as problem:
        return await _refused(request, typed, problem)
    return request.redirect("/admin/products", "product-saved")


async def show_product(request: PageRequest) -> Response:
    """The form for a product that there is."""
    product = await _product(request)
    typed = ProductForm.of(product, uuid.uuid4().hex)
    return await _form_page(request, Form(typed.values), product, typed=typed)


async def update(request: PageRequest) -> Response:
    """Change what was touched in the form; what others did meanwhile stays."""
    typed = ProductForm.read(await request.form_with_file())
    if not typed.loaded:
        return await show_product(request)
    if (errors := typed.errors()) or typed.has_lost_image:
        return await _again(
            request, typed, Form(typed.values, errors), await _product(request), 400
        )
    content = typed.edit()
    if not content:
        return request.redirect("/admin/products", "product-unchanged")
    try:
        await request.api.call("PATCH", _path(request), **content)
    except ApiProblem as problem:
        if problem.reason == "VERSION_CONFLICT":
            return await _conflict(request, typed, problem)
        return await _refused(request, typed, problem, await _product(request))
    return request.redirect("/admin/products", "product-saved")


async def delete(request: PageRequest) -> Response:
    """Take a product out of the shop."""
    await request.api.call("DELETE", _path(request))
    return request.redirect("/admin/products", "product-deleted")


async def _conflict(request: PageRequest, typed: ProductForm, problem: ApiProblem) -> Response:
    """What others changed since the form was made: beside what was typed, or taken over."""
    current: Json = problem.members.get("current") or await _product(request)
    rebased = typed.rebased(current)
    theirs = {name: text for name, text in rebased.loaded.items() if text != typed.loaded.get(name)}
    return await _again(
        request,
        rebased,
        Form(rebased.values, message="Someone else has changed this product in the meantime."),
        current,
        409,
        colliding={name: text for name, text in theirs.items() if name in typed.touched},
        merged={name: text for name, text in theirs.items() if name not in typed.touched},
        is_new_picture="image_key" in problem.members.get("fields", ()),
    )


async def _refused(
    request: PageRequest, typed: ProductForm, problem: ApiProblem, product: Json | None = None
) -> Response:
    form = refused({**typed.values, "image": ""}, problem, texts.REFUSALS, REFUSED_NAMES)
    return await _again(request, typed, form, product, problem.status)


async def _again(
    request: PageRequest,
    typed: ProductForm,
    form: Form,
    product: Json | None,
    status: int,
    **context: Any,
) -> Response:
    """The form with what was typed; a chosen file is the one thing that cannot be given back."""
    if (typed.image or typed.has_lost_image) and "image" not in form.errors:
        form = replace(form, errors={**form.errors, "image": "Please choose the picture again."})
    return await _form_page(request, form, product, status=status, typed=typed, **context)


async def _form_page(
    request: PageRequest,
    form: Form,
    product: Json | None = None,
    *,
    status: int = 200,
    typed: ProductForm | None = None,
    **context: Any,
) -> Response:
    loaded = typed.loaded if typed else {}
    return await request.render(
        "admin/product.html",
        status,
        form=form,
        product=product,
        hidden={LOADED + name: text for name, text in loaded.items()},
        **{"colliding": {}, "merged": {}, "is_new_picture": False, **context},
    )


async def _product(request: PageRequest) -> Json:
    product: Json = (await request.api.get(_path(request)))["product"]
    return product


def _path(request: PageRequest) -> str:
    return f"/api/products/{path_segment(request.id('product_id'))}"


ROUTES = [
    Route("/admin/products", admin_page(list_products)),
    Route("/admin/products", admin_form(create), methods=["POST"]),
    Route("/admin/products/new", admin_page(show_new)),
    Route("/admin/products/{product_id}", admin_page(show_product)),
    Route("/admin/products/{product_id}", admin_form(update), methods=["POST"]),
    Route("/admin/products/{product_id}/delete", admin_page(delete), methods=["POST"]),
]

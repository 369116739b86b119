"""One product, and putting it into the cart."""

from starlette.responses import Response
from starlette.routing import Route

from ui import texts as words
from ui.api import part as path_part
from ui.forms import Form, refused
from ui.page_request import Visit
from ui.pages import leads_to, page, part
from ui.problems import ApiProblem, Json

MAX_QUANTITY = 99
_NEIGHBOURS = 4
_ONE = Form({"quantity": "1"})


async def show_product(visit: Visit) -> Response:
    """The product's page; another one where it is no longer sold."""
    try:
        product = await _product(visit)
    except ApiProblem as problem:
        return await _no_longer_sold(visit, problem)
    return await _page_of(visit, product, _ONE)


async def show_availability(visit: Visit) -> Response:
    """How many are left: a part of the page, asked for when the stock has changed."""
    return visit.render_part("parts/availability.html", product=await _product_if_sold(visit))


async def show_buying(visit: Visit) -> Response:
    """The form to buy with: a part of the page, asked for where that may have changed."""
    product = await _product_if_sold(visit)
    return visit.render_part("parts/buy.html", **_buying(product, _ONE))


async def add_to_cart(visit: Visit) -> Response:
    """Put some into the cart, and come back to the product."""
    product_id = visit.id("product_id")
    typed = await visit.typed("quantity")
    quantity = whole_number(typed["quantity"])
    if quantity is None:
        form = Form(typed, {"quantity": "must be a whole number"})
        return await _form_again(visit, form, 400)
    try:
        await visit.api.post("/api/cart/add", {"productId": product_id, "quantity": quantity})
    except ApiProblem as problem:
        form = refused(typed, problem, words.REFUSALS)
        return await _form_again(visit, form, problem.status)
    return visit.redirect(f"/products/{product_id}", "added")


def whole_number(text: str) -> int | None:
    """The number that was typed; None where it is none that the API could take."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


async def _product(visit: Visit) -> Json:
    path = f"/api/products/{path_part(visit.id('product_id'))}"
    product: Json = (await visit.api.get(path))["product"]
    return product


async def _product_if_sold(visit: Visit) -> Json | None:
    try:
        return await _product(visit)
    except ApiProblem as problem:
        if problem.status == 404:
            return None
        raise


async def _form_again(visit: Visit, form: Form, status: int) -> Response:
    try:
        product = await _product(visit)
    except ApiProblem as problem:
        return await _no_longer_sold(visit, problem)
    return await _page_of(visit, product, form, status)


async def _no_longer_sold(visit: Visit, problem: ApiProblem) -> Response:
    """The page of a product that was taken out of the shop, with others of its category."""
    if problem.status != 404 or "productTitle" not in problem.members:
        raise problem
    category = problem.members["productCategory"]
    return await visit.render(
        "storefront/no_longer_sold.html",
        410,
        title=problem.members["productTitle"],
        category=category,
        others=await _others(visit, category),
    )


async def _page_of(visit: Visit, product: Json, form: Form, status: int = 200) -> Response:
    return await visit.render(
        "storefront/product.html",
        status,
        others=await _others(visit, product["category"], but=product["id"]),
        **_buying(product, form),
    )


def _buying(product: Json | None, form: Form) -> Json:
    """What the form to buy with needs; no product where it is no longer sold."""
    most = min(MAX_QUANTITY, product["available"]) if product else 0
    return {"product": product, "form": form, "most": most}


async def _others(visit: Visit, category: str, but: str = "") -> list[Json]:
    """A few more of a category; none where the list cannot be had."""
    wanted = {"category": category, "inStock": "true", "pageSize": _NEIGHBOURS + 1}
    try:
        found = await visit.api.get("/api/products", wanted)
    except ApiProblem:
        return []
    others = [other for other in found["products"] if other["id"] != but]
    return others[:_NEIGHBOURS]


ROUTES = [
    Route("/products/{product_id}", page(show_product)),
    Route("/products/{product_id}/availability", part(show_availability)),
    Route("/products/{product_id}/buy", part(show_buying)),
    Route("/products/{product_id}/cart", part(leads_to("/products/{product_id}"))),
    Route("/products/{product_id}/cart", page(add_to_cart), methods=["POST"]),
]

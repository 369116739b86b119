"""One product, and putting it into the cart."""

from starlette.responses import Response
from starlette.routing import Route

from ui.api.client import path_segment
from ui.api.problems import ApiProblem, Json
from ui.pages.endpoints import page, part, redirect_to
from ui.pages.forms import Form, refused
from ui.pages.page_request import PageRequest
from ui.rendering import texts

PAGE = "/products/{product_id}"
MAX_QUANTITY = 99
_NEIGHBOURS = 4
# These parts have nothing of the visitor's. All who look at a product ask for them at a change.
_AVAILABILITY, _BUYING = f"{PAGE}/availability", f"{PAGE}/buy"
_FOR_ALL = "private, no-cache"
FOR_ALL_GUESTS = (PAGE, _AVAILABILITY, _BUYING)
_ONE = Form({"quantity": "1"})


async def show_product(request: PageRequest) -> Response:
    """The product's page; another one where it is no longer sold."""
    try:
        product = await _product(request)
    except ApiProblem as problem:
        return await _no_longer_sold(request, problem)
    return await _page_of(request, product, _ONE)


async def show_availability(request: PageRequest) -> Response:
    """How many are left: a part of the page, asked for when the stock has changed."""
    product = await _product_if_sold(request)
    return request.render_part("parts/availability.html", caching=_FOR_ALL, product=product)


async def show_buying(request: PageRequest) -> Response:
    """The form to buy with: a part of the page, asked for where that may have changed."""
    product = await _product_if_sold(request)
    return request.render_part("parts/buy.html", caching=_FOR_ALL, **_buying(product, _ONE))


async def add_to_cart(request: PageRequest) -> Response:
    """Put some into the cart, and come back to the product."""
    product_id = request.id("product_id")
    typed = await request.typed("quantity")
    quantity = whole_number(typed["quantity"])
    if quantity is None:
        form = Form(typed, {"quantity": "must be a whole number"})
        return await _form_again(request, form, 400)
    try:
        await request.api.post("/api/cart/add", {"productId": product_id, "quantity": quantity})
    except ApiProblem as problem:
        form = refused(typed, problem, texts.REFUSALS)
        return await _form_again(request, form, problem.status)
    return request.redirect(f"/products/{product_id}", "added")


def whole_number(text: str) -> int | None:
    """The number that was typed; None where it is none that the API could take."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None


async def _product(request: PageRequest) -> Json:
    path = f"/api/products/{path_segment(request.id('product_id'))}"
    product: Json = (await request.api.get(path))["product"]
    return product


async def _product_if_sold(request: PageRequest) -> Json | None:
    try:
        return await _product(request)
    except ApiProblem as problem:
        if problem.status == 404:
            return None
        raise


async def _form_again(request: PageRequest, form: Form, status: int) -> Response:
    try:
        product = await _product(request)
    except ApiProblem as problem:
        return await _no_longer_sold(request, problem)
    return await _page_of(request, product, form, status)


async def _no_longer_sold(request: PageRequest, problem: ApiProblem) -> Response:
    """The page of a product that was taken out of the shop, with others of its category."""
    if problem.status != 404 or "productTitle" not in problem.members:
        raise problem
    category = problem.members["productCategory"]
    return await request.render(
        "storefront/no_longer_sold.html",
        410,
        title=problem.members["productTitle"],
        category=category,
        others=await _others(request, category),
    )


async def _page_of(request: PageRequest, product: Json, form: Form, status: int = 200) -> Response:
    return await request.render(
        "storefront/product.html",
        status,
        others=await _others(request, product["category"], but=product["id"]),
        **_buying(product, form),
    )


def _buying(product: Json | None, form: Form) -> Json:
    """What the form to buy with needs; no product where it is no longer sold."""
    most = min(MAX_QUANTITY, product["available"]) if product else 0
    return {"product": product, "form": form, "most": most}


async def _others(request: PageRequest, category: str, but: str = "") -> list[Json]:
    """A few more of a category; none where the list cannot be had."""
    wanted = {"category": category, "inStock": "true", "pageSize": _NEIGHBOURS + 1}
    try:
        found = await request.api.get("/api/products", wanted)
    except ApiProblem:
        return []
    others = [other for other in found["products"] if other["id"] != but]
    return others[:_NEIGHBOURS]


ROUTES = [
    Route(PAGE, page(show_product)),
    Route(_AVAILABILITY, part(show_availability)),
    Route(_BUYING, part(show_buying)),
    Route(f"{PAGE}/cart", part(redirect_to(PAGE))),
    Route(f"{PAGE}/cart", page(add_to_cart), methods=["POST"]),
]

"""The cart, and making an order of it."""

import asyncio

from starlette.responses import Response
from starlette.routing import Route

from ui.api.client import path_segment
from ui.api.problems import ApiProblem, Json
from ui.pages.endpoints import page, part, redirect_to
from ui.pages.forms import Form, refused
from ui.pages.page_request import PageRequest
from ui.rendering import texts
from ui.storefront.cart_view import cart_view
from ui.storefront.product import MAX_QUANTITY, whole_number

# As many as a page of the API holds; an account may have fewer of them.
MOST_UNPAID = 100


async def show_cart(request: PageRequest) -> Response:
    """The cart."""
    return await _page_of(request)


async def show_content(request: PageRequest) -> Response:
    """What is in the cart: a part of its page, asked for when something has happened."""
    return request.render_part("parts/cart_content.html", **await _content(request))


async def show_badge(request: PageRequest) -> Response:
    """How many things are in the cart: a part of every page's header."""
    cart = await request.cart()
    return request.render_part("parts/cart_badge.html", cart_quantity=cart["totalQuantity"])


async def set_quantity(request: PageRequest) -> Response:
    """Change how many of a product are wanted."""
    product_id = request.id("product_id")
    typed = await request.typed("quantity")
    quantity = whole_number(typed["quantity"])
    if quantity is None:
        form = Form(typed, {"quantity": "must be a whole number"})
        return await _page_of(request, 400, form=form, form_of=product_id)
    try:
        await request.api.call(
            "PUT", f"/api/cart/items/{path_segment(product_id)}", json={"quantity": quantity}
        )
    except ApiProblem as problem:
        form = refused(typed, problem, texts.REFUSALS)
        return await _page_of(request, problem.status, form=form, form_of=product_id)
    return request.redirect("/cart", "cart-updated")


async def remove(request: PageRequest) -> Response:
    """Take a product out of the cart."""
    product_id = request.id("product_id")
    await request.api.call("DELETE", "/api/cart/remove", params={"productId": product_id})
    return request.redirect("/cart", "removed")


async def check_out(request: PageRequest) -> Response:
    """Make an order of the cart, and go on to pay it.

    No key is sent: the cart itself is the key, so any number of clicks in any number of tabs lead
    to one order. It is paid already where another tab was first.
    """
    try:
        answer = await request.api.post("/api/cart/checkout")
    except ApiProblem as problem:
        if problem.status not in {409, 422}:
            raise
        return await _page_of(request, problem.status, refusal=problem)
    order = answer.body["order"]
    page_of_order = f"/orders/{order['id']}"
    return request.redirect(
        f"{page_of_order}/pay" if order["status"] == "pending" else page_of_order
    )


async def _page_of(
    request: PageRequest,
    status: int = 200,
    *,
    form: Form | None = None,
    form_of: str = "",
    refusal: ApiProblem | None = None,
) -> Response:
    """The cart's page.

    Args:
        request: The request.
        status: HTTP status.
        form: A line's form that was refused.
        form_of: The product of that line.
        refusal: Why no order was made.
    """
    return await request.render(
        "storefront/cart.html",
        status,
        refusal=_shown(refusal) if refusal else None,
        **await _content(request, form, form_of),
    )


async def _content(request: PageRequest, form: Form | None = None, form_of: str = "") -> Json:
    """What the part of the page needs that shows the cart."""
    cart, user = await asyncio.gather(request.cart(), request.user())
    return {
        "view": cart_view(cart, await _unpaid(request) if user and cart["id"] else []),
        "is_signed_in": user is not None,
        "most": MAX_QUANTITY,
        "form": form or Form(),
        "form_of": form_of,
    }


async def _unpaid(request: PageRequest) -> list[Json]:
    """The shopper's orders that wait to be paid; none where the API does not tell."""
    try:
        found = await request.api.get("/api/orders", {"status": "pending", "pageSize": MOST_UNPAID})
    except ApiProblem:
        return []
    orders: list[Json] = found["orders"]
    return orders


def _shown(refusal: ApiProblem) -> Json:
    """Why no order was made: a sentence, and the lines it is about."""
    return {
        "reason": refusal.reason,
        "message": texts.refusal(refusal.reason, refusal.detail),
        "lines": refusal.members.get("lines") or [],
    }


ROUTES = [
    Route("/cart", page(show_cart)),
    Route("/cart/badge", part(show_badge)),
    Route("/cart/content", part(show_content)),
    Route("/cart/items/{product_id}", part(redirect_to("/cart"))),
    Route("/cart/items/{product_id}", page(set_quantity), methods=["POST"]),
    Route("/cart/items/{product_id}/remove", page(remove), methods=["POST"]),
    Route("/checkout", part(redirect_to("/cart"))),
    Route("/checkout", page(check_out), methods=["POST"]),
]

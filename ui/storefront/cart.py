"""The cart, and making an order of it."""

import secrets

from starlette.responses import Response
from starlette.routing import Route

from ui import words
from ui.api import part as path_part
from ui.forms import Form, refused
from ui.pages import leads_to, page, part
from ui.problems import ApiProblem, Json
from ui.storefront.product import MAX_QUANTITY, whole_number
from ui.visit import Visit


async def show_cart(visit: Visit) -> Response:
    """The cart."""
    return await _page_of(visit)


async def show_badge(visit: Visit) -> Response:
    """How many things are in the cart: a part of every page's header."""
    cart = await visit.cart()
    return visit.render_part("parts/cart_badge.html", cart_quantity=cart["totalQuantity"])


async def set_quantity(visit: Visit) -> Response:
    """Change how many of a product are wanted."""
    product_id = visit.id("product_id")
    typed = await visit.typed("quantity")
    quantity = whole_number(typed["quantity"])
    if quantity is None:
        form = Form(typed, {"quantity": "must be a whole number"})
        return await _page_of(visit, 400, form=form, form_of=product_id)
    try:
        await visit.api.call(
            "PUT", f"/api/cart/items/{path_part(product_id)}", json={"quantity": quantity}
        )
    except ApiProblem as problem:
        form = refused(typed, problem, words.REFUSALS)
        return await _page_of(visit, problem.status, form=form, form_of=product_id)
    return visit.redirect("/cart", "cart-updated")


async def remove(visit: Visit) -> Response:
    """Take a product out of the cart."""
    product_id = visit.id("product_id")
    await visit.api.call("DELETE", "/api/cart/remove", params={"productId": product_id})
    return visit.redirect("/cart", "removed")


async def check_out(visit: Visit) -> Response:
    """Make an order of the cart, and go on to pay it."""
    typed = await visit.typed("key")
    try:
        answer = await visit.api.post("/api/cart/checkout", key=typed["key"])
    except ApiProblem as problem:
        if problem.status not in {409, 422}:
            raise
        return await _page_of(visit, problem.status, refusal=problem)
    return visit.redirect(f"/orders/{answer.body['order']['id']}/pay")


async def _page_of(
    visit: Visit,
    status: int = 200,
    *,
    form: Form | None = None,
    form_of: str = "",
    refusal: ApiProblem | None = None,
) -> Response:
    """The cart's page.

    Args:
        visit: The visit.
        status: HTTP status.
        form: A line's form that was refused.
        form_of: The product of that line.
        refusal: Why no order was made.
    """
    return await visit.render(
        "storefront/cart.html",
        status,
        cart=await visit.cart(),
        most=MAX_QUANTITY,
        form=form or Form(),
        form_of=form_of,
        refusal=_told(refusal) if refusal else None,
        # A page, a key: sending the same page twice makes one order.
        key=secrets.token_urlsafe(),
    )


def _told(refusal: ApiProblem) -> Json:
    """Why no order was made: a sentence, and the lines it is about."""
    return {
        "reason": refusal.reason,
        "message": words.refusal(refusal.reason, refusal.detail),
        "lines": refusal.members.get("lines") or [],
    }


ROUTES = [
    Route("/cart", page(show_cart)),
    Route("/cart/badge", part(show_badge)),
    Route("/cart/items/{product_id}", part(leads_to("/cart"))),
    Route("/cart/items/{product_id}", page(set_quantity), methods=["POST"]),
    Route("/cart/items/{product_id}/remove", page(remove), methods=["POST"]),
    Route("/checkout", part(leads_to("/cart"))),
    Route("/checkout", page(check_out), methods=["POST"]),
]

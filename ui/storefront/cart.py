"""The cart, and making an order of it."""

import asyncio

from starlette.responses import Response
from starlette.routing import Route

from ui import texts as words
from ui.api import part as path_part
from ui.forms import Form, refused
from ui.page_request import Visit
from ui.pages import leads_to, page, part
from ui.problems import ApiProblem, Json
from ui.storefront.cart_view import cart_view
from ui.storefront.product import MAX_QUANTITY, whole_number

# As many as a page of the API holds; an account may have fewer of them.
MOST_UNPAID = 100


async def show_cart(visit: Visit) -> Response:
    """The cart."""
    return await _page_of(visit)


async def show_content(visit: Visit) -> Response:
    """What is in the cart: a part of its page, asked for when something has happened."""
    return visit.render_part("parts/cart_content.html", **await _content(visit))


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
    """Make an order of the cart, and go on to pay it.

    No key is sent: the cart itself is the key, so any number of clicks in any number of tabs lead
    to one order. It is paid already where another tab was first.
    """
    try:
        answer = await visit.api.post("/api/cart/checkout")
    except ApiProblem as problem:
        if problem.status not in {409, 422}:
            raise
        return await _page_of(visit, problem.status, refusal=problem)
    order = answer.body["order"]
    page_of_order = f"/orders/{order['id']}"
    return visit.redirect(f"{page_of_order}/pay" if order["status"] == "pending" else page_of_order)


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
        refusal=_told(refusal) if refusal else None,
        **await _content(visit, form, form_of),
    )


async def _content(visit: Visit, form: Form | None = None, form_of: str = "") -> Json:
    """What the part of the page needs that shows the cart."""
    cart, user = await asyncio.gather(visit.cart(), visit.user())
    return {
        "view": cart_view(cart, await _unpaid(visit) if user and cart["id"] else []),
        "is_signed_in": user is not None,
        "most": MAX_QUANTITY,
        "form": form or Form(),
        "form_of": form_of,
    }


async def _unpaid(visit: Visit) -> list[Json]:
    """The shopper's orders that wait to be paid; none where the API does not tell."""
    try:
        found = await visit.api.get("/api/orders", {"status": "pending", "pageSize": MOST_UNPAID})
    except ApiProblem:
        return []
    orders: list[Json] = found["orders"]
    return orders


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
    Route("/cart/content", part(show_content)),
    Route("/cart/items/{product_id}", part(leads_to("/cart"))),
    Route("/cart/items/{product_id}", page(set_quantity), methods=["POST"]),
    Route("/cart/items/{product_id}/remove", page(remove), methods=["POST"]),
    Route("/checkout", part(leads_to("/cart"))),
    Route("/checkout", page(check_out), methods=["POST"]),
]

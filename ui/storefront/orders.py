"""The shopper's own orders."""

from starlette.responses import Response
from starlette.routing import Route

from ui.api.client import path_segment
from ui.api.problems import ApiProblem, Json
from ui.pages.endpoints import page, part, redirect_to
from ui.pages.page_request import PageRequest
from ui.rendering import texts

PAGE_SIZE = 12

_OPEN = {"created", "pending"}


async def list_orders(request: PageRequest) -> Response:
    """A page of the history."""
    await request.require_user()
    token = request.asked("pageToken")
    found = await request.api.get("/api/orders", {"pageSize": PAGE_SIZE, "pageToken": token})
    return await request.render(
        "storefront/orders.html",
        orders=found["orders"],
        total=found["totalSize"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


async def show_order(request: PageRequest) -> Response:
    """One order."""
    await request.require_user()
    return await _page_of(request)


async def show_state(request: PageRequest) -> Response:
    """Where an order stands: a part of its page, asked for when something has happened."""
    return request.render_part(
        "parts/order_state.html", **_state(request, await get_order(request))
    )


async def cancel(request: PageRequest) -> Response:
    """Cancel an order that is not paid."""
    order_id = request.id("order_id")
    try:
        await request.api.call("DELETE", f"/api/orders/{path_segment(order_id)}")
    except ApiProblem as problem:
        if problem.status != 409:
            raise
        message = texts.refusal(problem.reason, problem.detail)
        return await _page_of(request, 409, message)
    is_from_cart = (await request.typed("from"))["from"] == "cart"
    return request.redirect("/cart" if is_from_cart else f"/orders/{order_id}", "order-cancelled")


async def get_order(request: PageRequest) -> Json:
    """The order that the path names.

    Raises:
        ApiProblem: There is none; the API refused.
    """
    path = f"/api/orders/{path_segment(request.id('order_id'))}"
    order: Json = (await request.api.get(path))["order"]
    return order


async def _page_of(request: PageRequest, status: int = 200, message: str = "") -> Response:
    state = _state(request, await get_order(request))
    return await request.render("storefront/order.html", status, message=message, **state)


def _state(request: PageRequest, order: Json) -> Json:
    """What the part of the page needs that says where the order stands.

    A shopper comes here from the payment, or from the bank's page, before the order knows of it.
    """
    bank_status = request.asked("redirect_status")
    paying = request.asked("paying", 18)
    is_unclear = paying.isascii() and paying.isdigit() and order["status"] in _OPEN
    has_news = is_unclear and order["version"] > int(paying)
    has_failed = (
        has_news and bool(order["timeline"]) and order["timeline"][-1]["type"] == "payment.failed"
    )
    return {
        "order": order,
        "is_open": order["status"] in _OPEN,
        "is_paid": request.asked("paid") == "1" or bank_status == "succeeded",
        "bank_refused": bank_status == "failed",
        "is_checking": is_unclear and not has_failed,
        "payment_failed": has_failed,
        "paying": paying if is_unclear else "",
    }


ROUTES = [
    Route("/orders", page(list_orders)),
    Route("/orders/{order_id}", page(show_order)),
    Route("/orders/{order_id}/state", part(show_state)),
    Route("/orders/{order_id}/cancel", part(redirect_to("/orders/{order_id}"))),
    Route("/orders/{order_id}/cancel", page(cancel), methods=["POST"]),
]

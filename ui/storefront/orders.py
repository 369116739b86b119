"""The shopper's own orders."""

from starlette.responses import Response
from starlette.routing import Route

from ui import texts as words
from ui.api import part as path_part
from ui.page_request import Visit
from ui.pages import leads_to, page, part
from ui.problems import ApiProblem, Json

PAGE_SIZE = 12

_OPEN = {"created", "pending"}


async def list_orders(visit: Visit) -> Response:
    """A page of the history."""
    await visit.require_user()
    token = visit.asked("pageToken")
    found = await visit.api.get("/api/orders", {"pageSize": PAGE_SIZE, "pageToken": token})
    return await visit.render(
        "storefront/orders.html",
        orders=found["orders"],
        total=found["totalSize"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


async def show_order(visit: Visit) -> Response:
    """One order."""
    await visit.require_user()
    return await _page_of(visit)


async def show_state(visit: Visit) -> Response:
    """Where an order stands: a part of its page, asked for when something has happened."""
    return visit.render_part("parts/order_state.html", **_state(visit, await get_order(visit)))


async def cancel(visit: Visit) -> Response:
    """Cancel an order that is not paid."""
    order_id = visit.id("order_id")
    try:
        await visit.api.call("DELETE", f"/api/orders/{path_part(order_id)}")
    except ApiProblem as problem:
        if problem.status != 409:
            raise
        message = words.refusal(problem.reason, problem.detail)
        return await _page_of(visit, 409, message)
    is_from_cart = (await visit.typed("from"))["from"] == "cart"
    return visit.redirect("/cart" if is_from_cart else f"/orders/{order_id}", "order-cancelled")


async def get_order(visit: Visit) -> Json:
    """The order that the path names.

    Raises:
        ApiProblem: There is none; the API refused.
    """
    path = f"/api/orders/{path_part(visit.id('order_id'))}"
    order: Json = (await visit.api.get(path))["order"]
    return order


async def _page_of(visit: Visit, status: int = 200, message: str = "") -> Response:
    state = _state(visit, await get_order(visit))
    return await visit.render("storefront/order.html", status, message=message, **state)


def _state(visit: Visit, order: Json) -> Json:
    """What the part of the page needs that says where the order stands.

    A shopper comes here from the payment, or from the bank's page, before the order knows of it.
    """
    told_by_bank = visit.asked("redirect_status")
    paying = visit.asked("paying", 18)
    is_unclear = paying.isascii() and paying.isdigit() and order["status"] in _OPEN
    has_news = is_unclear and order["version"] > int(paying)
    has_failed = (
        has_news and bool(order["timeline"]) and order["timeline"][-1]["type"] == "payment.failed"
    )
    return {
        "order": order,
        "is_open": order["status"] in _OPEN,
        "is_paid": visit.asked("paid") == "1" or told_by_bank == "succeeded",
        "bank_refused": told_by_bank == "failed",
        "is_checking": is_unclear and not has_failed,
        "payment_failed": has_failed,
        "paying": paying if is_unclear else "",
    }


ROUTES = [
    Route("/orders", page(list_orders)),
    Route("/orders/{order_id}", page(show_order)),
    Route("/orders/{order_id}/state", part(show_state)),
    Route("/orders/{order_id}/cancel", part(leads_to("/orders/{order_id}"))),
    Route("/orders/{order_id}/cancel", page(cancel), methods=["POST"]),
]

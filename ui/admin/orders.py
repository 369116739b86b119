"""Everybody's orders."""

from starlette.responses import Response
from starlette.routing import Route

from ui import words
from ui.admin.gate import admin_page
from ui.api import part as path_part
from ui.pages import leads_to
from ui.problems import ApiProblem
from ui.visit import Visit


async def list_orders(visit: Visit) -> Response:
    """Orders, newest first, of one status or of all."""
    status, token = visit.asked("status"), visit.asked("pageToken")
    filters = {
        "status": status if status in words.ORDER_STATES else "",
        "userId": visit.asked("userId", 64),
    }
    found = await visit.api.get("/api/orders/admin/all", {**filters, "pageToken": token})
    return await visit.render(
        "admin/orders.html",
        filters=filters,
        states=words.ORDER_STATES,
        orders=found["orders"],
        total=found["totalSize"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


async def show_order(visit: Visit) -> Response:
    """One order, with all that happened to it."""
    return await _page_of(visit)


async def cancel(visit: Visit) -> Response:
    """Cancel an order; a completed one is refunded."""
    order_id = visit.id("order_id")
    typed = await visit.typed("detail")
    path = f"/api/orders/admin/{path_part(order_id)}/cancel"
    try:
        await visit.api.post(path, dict(typed))
    except ApiProblem as problem:
        if problem.status not in {400, 409}:
            raise
        message = words.refusal(problem.reason, problem.detail)
        return await _page_of(visit, problem.status, message)
    return visit.redirect(f"/admin/orders/{order_id}", "order-cancelled")


async def _page_of(visit: Visit, status: int = 200, message: str = "") -> Response:
    path = f"/api/orders/admin/{path_part(visit.id('order_id'))}"
    order = (await visit.api.get(path))["order"]
    return await visit.render("admin/order.html", status, order=order, message=message)


ROUTES = [
    Route("/admin/orders", admin_page(list_orders)),
    Route("/admin/orders/{order_id}", admin_page(show_order)),
    Route("/admin/orders/{order_id}/cancel", admin_page(leads_to("/admin/orders/{order_id}"))),
    Route("/admin/orders/{order_id}/cancel", admin_page(cancel), methods=["POST"]),
]

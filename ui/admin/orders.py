"""Everyone's orders."""

import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from ui.admin.access import admin_page
from ui.api.client import path_segment
from ui.api.problems import ApiProblem, Json
from ui.pages.endpoints import redirect_to
from ui.pages.page_request import PageRequest
from ui.rendering import texts
from ui.rendering.formats import minor_units

REFUND_FIELDS = ("paymentId", "currency", "share", "amount", "restock", "key")
UNKNOWN = 503
_MOST_UNPAID = 100


async def list_orders(request: PageRequest) -> Response:
    """Orders, newest first, of one status or of all."""
    status, token = request.asked("status"), request.asked("pageToken")
    filters = {
        "status": status if status in texts.ORDER_STATES else "",
        "userId": request.asked("userId", 64),
    }
    found = await request.api.get("/api/orders/admin/all", {**filters, "pageToken": token})
    return await request.render(
        "admin/orders.html",
        held=await _held(request, filters["userId"]) if filters["userId"] else None,
        filters=filters,
        states=texts.ORDER_STATES,
        orders=found["orders"],
        total=found["totalSize"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


@dataclass(frozen=True)
class Held:
    """What the unpaid orders of an account hold.

    Attributes:
        orders: How many orders these are.
        items: Title of a product -> how many of it, most first.
        are_there_more: There are more orders, which are not counted.
    """

    orders: int
    items: Mapping[str, int]
    are_there_more: bool


async def _held(request: PageRequest, user_id: str) -> Held:
    unpaid = {"userId": user_id, "status": "pending", "pageSize": _MOST_UNPAID}
    found = await request.api.get("/api/orders/admin/all", unpaid)
    items: Counter[str] = Counter()
    for order in found["orders"]:
        for item in order["items"]:
            items[item["title"]] += item["quantity"]
    return Held(len(found["orders"]), dict(items.most_common()), bool(found["nextPageToken"]))


async def show_order(request: PageRequest) -> Response:
    """One order, with all that happened to it."""
    return await _page_of(request)


async def cancel(request: PageRequest) -> Response:
    """Cancel an order; a completed one is refunded."""
    order_id = request.id("order_id")
    typed = await request.typed("detail")
    path = f"/api/orders/admin/{path_segment(order_id)}/cancel"
    try:
        await request.api.post(path, dict(typed))
    except ApiProblem as problem:
        if problem.status not in {400, 409}:
            raise
        message = texts.refusal(problem.reason, problem.detail)
        return await _page_of(request, problem.status, message)
    return request.redirect(f"/admin/orders/{order_id}", "order-cancelled")


async def refund(request: PageRequest) -> Response:
    """Give back a part of a payment, or all that is left of it."""
    order_id = request.id("order_id")
    typed = await request.typed(*REFUND_FIELDS)
    wish: Json = {"restock": bool(typed["restock"])}
    if typed["share"] == "part":
        try:
            amount = minor_units(typed["amount"], typed["currency"])
        except ValueError:
            return await _page_of(request, 400, texts.REFUND_AMOUNT, typed)
        share = {"amountMinor": amount, "currency": typed["currency"]}
        wish = {"amount": share, "restock": False}
    path = f"/api/payments/admin/{path_segment(typed['paymentId'])}/refund"
    try:
        await request.api.post(path, wish, key=typed["key"])
    except ApiProblem as problem:
        if problem.status not in {400, 409, UNKNOWN}:
            raise
        message = texts.refusal(problem.reason, problem.detail)
        return await _page_of(request, problem.status, message, typed)
    return request.redirect(f"/admin/orders/{order_id}", "refunded")


async def _page_of(
    request: PageRequest,
    status: int = 200,
    message: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    order_id = path_segment(request.id("order_id"))
    order = (await request.api.get(f"/api/orders/admin/{order_id}"))["order"]
    return await request.render(
        "admin/order.html",
        status,
        order=order,
        message=message,
        payments=await _payments(request, order_id),
        typed=typed or dict.fromkeys(REFUND_FIELDS, ""),
        # A page, a key: sending the same page twice refunds once. Kept while the outcome of a
        # refund is not known; one that was refused is not under way.
        key=typed["key"] if typed and status == UNKNOWN else secrets.token_urlsafe(),
    )


async def _payments(request: PageRequest, order_id: str) -> list[Json] | None:
    """The order's payments; None where they cannot be had, which must not hide the order."""
    try:
        found = await request.api.get(f"/api/payments/admin/orders/{order_id}")
    except ApiProblem as problem:
        if problem.status == 404:
            # The order itself is there: it is so new that the payments have not heard of it.
            return []
        if problem.status != UNKNOWN:
            raise
        return None
    payments: list[Json] = found["payments"]
    return payments


ROUTES = [
    Route("/admin/orders", admin_page(list_orders)),
    Route("/admin/orders/{order_id}", admin_page(show_order)),
    Route("/admin/orders/{order_id}/cancel", admin_page(redirect_to("/admin/orders/{order_id}"))),
    Route("/admin/orders/{order_id}/cancel", admin_page(cancel), methods=["POST"]),
    Route("/admin/orders/{order_id}/refund", admin_page(redirect_to("/admin/orders/{order_id}"))),
    Route("/admin/orders/{order_id}/refund", admin_page(refund), methods=["POST"]),
]

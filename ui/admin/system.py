"""How the shop is: every process, and what waits or is stuck."""

import asyncio
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ui.admin.access import admin_page, admin_part
from ui.api.client import path_segment
from ui.api.problems import ApiProblem, Json
from ui.pages.endpoints import redirect_to
from ui.pages.page_request import PageRequest

_API = "/api/admin/system"
_LIST = "/admin/system"
_PAGE = "admin/system.html"
_UNKNOWN = 503


@dataclass(frozen=True)
class Figures:
    """What waits in all services together; what is not known of a service is not counted."""

    dead_letters: int
    waiting: int
    behind: int
    rejected: int


async def show_system(request: PageRequest) -> Response:
    """Every process, and what waits; a script asks for the state again while it is shown."""
    return await request.render(_PAGE, message="", **await _state(request))


async def show_state(request: PageRequest) -> Response:
    """The part of the page that changes."""
    return request.render_part("admin/system_state.html", **await _state(request))


async def show_process(request: PageRequest) -> Response:
    """One process: its checks, what waits there, and its settings."""
    service = request.id("service")
    try:
        found = await request.api.get(_API, {"service": service})
    except ApiProblem as problem:
        if "service" in problem.errors:
            raise HTTPException(404) from problem
        raise
    [process] = found["processes"]
    return await request.render("admin/process.html", process=process)


async def free_order(request: PageRequest) -> Response:
    """Do at once what is due for an order."""
    return await _free(request, f"/api/orders/admin/{path_segment(request.id('id'))}/reconcile")


async def free_payment(request: PageRequest) -> Response:
    """Ask Stripe about a payment at once."""
    return await _free(request, f"/api/payments/admin/{path_segment(request.id('id'))}/reconcile")


async def _free(request: PageRequest, path: str) -> Response:
    try:
        await request.api.post(path)
    except ApiProblem as problem:
        if problem.status != _UNKNOWN:
            raise
        state = await _state(request)
        return await request.render(_PAGE, problem.status, message=problem.detail, **state)
    return request.redirect(_LIST, "freed")


async def _state(request: PageRequest) -> Json:
    found, orders, payments = await asyncio.gather(
        request.api.get(_API),
        _stuck(request, "/api/orders/admin/stuck", "stuckOrders"),
        _stuck(request, "/api/payments/admin/stuck", "stuckPayments"),
    )
    processes: list[Json] = found["processes"]
    return {
        "stuck_orders": orders,
        "stuck_payments": payments,
        "processes": processes,
        "unreachable": found["unreachable"],
        "figures": figures_of(processes),
    }


async def _stuck(request: PageRequest, path: str, name: str) -> list[Json] | None:
    """What is late; None where that cannot be known now, which must not hide the rest."""
    try:
        found: list[Json] = (await request.api.get(path))[name]
    except ApiProblem as problem:
        if problem.status != _UNKNOWN:
            raise
        return None
    return found


def figures_of(processes: list[Json]) -> Figures:
    """What waits in `processes`."""
    return Figures(
        dead_letters=sum(each["deadLetters"] for each in processes),
        waiting=sum(outbox["entries"] for each in processes for outbox in each["outboxes"]),
        behind=sum(group["events"] for each in processes for group in each["consumerLag"]),
        rejected=sum(each["rejectedEvents"] for each in processes),
    )


ROUTES = [
    Route(_LIST, admin_page(show_system)),
    Route(f"{_LIST}/state", admin_part(show_state)),
    Route(f"{_LIST}/{{service}}", admin_page(show_process)),
    Route(f"{_LIST}/orders/{{id}}/reconcile", admin_page(redirect_to(_LIST))),
    Route(f"{_LIST}/orders/{{id}}/reconcile", admin_page(free_order), methods=["POST"]),
    Route(f"{_LIST}/payments/{{id}}/reconcile", admin_page(redirect_to(_LIST))),
    Route(f"{_LIST}/payments/{{id}}/reconcile", admin_page(free_payment), methods=["POST"]),
]

"""How the shop is: every process, and what waits or is stuck."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from ui.admin.access import admin_page, admin_part
from ui.api.problems import ApiProblem, Json
from ui.pages.page_request import PageRequest

_API = "/api/admin/system"


@dataclass(frozen=True)
class Figures:
    """What waits in all services together; what is not known of a service is not counted."""

    dead_letters: int
    waiting: int
    behind: int
    rejected: int


async def show_system(request: PageRequest) -> Response:
    """Every process, and what waits; a script asks for the state again while it is shown."""
    return await request.render("admin/system.html", **await _state(request))


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


async def _state(request: PageRequest) -> Json:
    found = await request.api.get(_API)
    processes: list[Json] = found["processes"]
    return {
        "processes": processes,
        "unreachable": found["unreachable"],
        "figures": figures_of(processes),
    }


def figures_of(processes: list[Json]) -> Figures:
    """What waits in `processes`."""
    return Figures(
        dead_letters=sum(each["deadLetters"] for each in processes),
        waiting=sum(outbox["entries"] for each in processes for outbox in each["outboxes"]),
        behind=sum(group["events"] for each in processes for group in each["consumerLag"]),
        rejected=sum(each["rejectedEvents"] for each in processes),
    )


ROUTES = [
    Route("/admin/system", admin_page(show_system)),
    Route("/admin/system/state", admin_part(show_state)),
    Route("/admin/system/{service}", admin_page(show_process)),
]

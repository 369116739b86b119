"""Who did what to whom, in all services."""

from datetime import date, timedelta

from starlette.responses import Response
from starlette.routing import Route

from ui.admin.access import admin_page
from ui.pages.page_request import PageRequest

_SERVICES = ("auth", "cart", "catalog", "notify", "orders", "payments")
# Filters that are sent to the API as they were typed, and how long they may be.
_TEXTS = {"actor": 254, "action": 64, "subject": 64}


async def show_audit_log(request: PageRequest) -> Response:
    """What was done, newest first."""
    service, token = request.asked("service"), request.asked("pageToken")
    first, last = _day(request.asked("from")), _day(request.asked("to"))
    filters = {
        "service": service if service in _SERVICES else "",
        **{name: request.asked(name, limit) for name, limit in _TEXTS.items()},
    }
    days = {"from": _midnight(first), "to": _midnight(last and last + timedelta(days=1))}
    found = await request.api.get("/api/admin/audit", {**filters, **days, "pageToken": token})
    return await request.render(
        "admin/audit.html",
        filters={**filters, "from": str(first or ""), "to": str(last or "")},
        services=_SERVICES,
        entries=found["entries"],
        unreachable=found["unreachable"],
        total=found["totalSize"],
        next_token=found["nextPageToken"],
        is_first=not token,
    )


def _day(typed: str) -> date | None:
    """The day of a filter; None where none is given, or what is given is none."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if day < date.max else None


def _midnight(day: date | None) -> str:
    """The beginning of a day (UTC), as the API takes it; empty for none."""
    return f"{day.isoformat()}T00:00:00Z" if day else ""


ROUTES = [Route("/admin/audit", admin_page(show_audit_log))]

"""The figures of the shop."""

from dataclasses import dataclass

from starlette.responses import Response
from starlette.routing import Route

from ui.admin.gate import admin_page
from ui.problems import Json
from ui.visit import Visit

PERIODS = (7, 30, 90)

# The chart's own units; the page scales it.
CHART_WIDTH, CHART_HEIGHT = 600, 160
_GAP = 0.25


@dataclass(frozen=True)
class Bar:
    """A day in the chart of revenue."""

    day: str
    revenue: Json
    orders: int
    x: float
    y: float
    width: float
    height: float


async def show_dashboard(visit: Visit) -> Response:
    """Counts by status, revenue by day, best sellers."""
    asked = visit.asked("days")
    days = int(asked) if asked in {str(period) for period in PERIODS} else 30
    stats = await visit.api.get("/api/orders/admin/stats", {"days": days})
    counts = {entry["status"]: entry["count"] for entry in stats["byStatus"]}
    return await visit.render(
        "admin/dashboard.html",
        periods=PERIODS,
        days=days,
        counts=counts,
        bars=bars(stats["revenueByDay"]),
        chart_width=CHART_WIDTH,
        chart_height=CHART_HEIGHT,
        best_sellers=stats["bestSellers"],
    )


def bars(revenue_by_day: list[Json]) -> list[Bar]:
    """The days as bars as high as their revenue."""
    if not revenue_by_day:
        return []
    most = max(day["revenue"]["amountMinor"] for day in revenue_by_day) or 1
    # A single day is no wider than one of a fortnight.
    step = CHART_WIDTH / max(len(revenue_by_day), 14)
    heights = [CHART_HEIGHT * day["revenue"]["amountMinor"] / most for day in revenue_by_day]
    return [
        Bar(
            day=day["day"],
            revenue=day["revenue"],
            orders=day["orders"],
            x=round(step * place, 1),
            y=round(CHART_HEIGHT - height, 1),
            width=round(step * (1 - _GAP), 1),
            height=round(height, 1),
        )
        for place, (day, height) in enumerate(zip(revenue_by_day, heights, strict=True))
    ]


ROUTES = [Route("/admin", admin_page(show_dashboard))]

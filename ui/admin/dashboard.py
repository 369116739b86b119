"""The figures of the shop."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from starlette.responses import Response
from starlette.routing import Route

from ui.admin.access import admin_page
from ui.api.problems import Json
from ui.pages.page_request import PageRequest

PERIODS = (7, 30, 90)

# The chart's own units; the page scales it.
CHART_WIDTH, CHART_HEIGHT = 600, 160
# What its axis may be marked with, times a power of ten.
_ROUND = (1, 2, 5, 10)
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


@dataclass(frozen=True)
class Chart:
    """Revenue by day, one bar for each day of the period, with or without sales.

    Attributes:
        bars: The days, oldest first.
        top: The round amount that the full height stands for.
        total: What was sold in the whole period.
        orders: How many orders that was.
    """

    bars: list[Bar]
    top: Json
    total: Json
    orders: int


async def show_dashboard(request: PageRequest) -> Response:
    """Counts by status, revenue by day, best sellers."""
    asked = request.asked("days")
    days = int(asked) if asked in {str(period) for period in PERIODS} else 30
    stats = await request.api.get("/api/orders/admin/stats", {"days": days})
    counts = {entry["status"]: entry["count"] for entry in stats["byStatus"]}
    return await request.render(
        "admin/dashboard.html",
        periods=PERIODS,
        days=days,
        counts=counts,
        sold=stats["revenueByDay"],
        chart=chart(stats["revenueByDay"], days, datetime.now(UTC).date()),
        chart_width=CHART_WIDTH,
        chart_height=CHART_HEIGHT,
        best_sellers=stats["bestSellers"],
    )


def chart(revenue_by_day: list[Json], days: int, today: date) -> Chart | None:
    """The `days` up to `today` (UTC); None where nothing was sold."""
    if not revenue_by_day:
        return None
    sold = {entry["day"]: entry for entry in revenue_by_day}
    currency = revenue_by_day[0]["revenue"]["currency"]
    nothing = {"revenue": {"amountMinor": 0, "currency": currency}, "orders": 0}
    period = [(today - timedelta(days=ago)).isoformat() for ago in reversed(range(days))]
    amounts = [entry["revenue"]["amountMinor"] for entry in revenue_by_day]
    top = round_above(max(amounts))
    return Chart(
        bars=[
            bar(day, sold.get(day, nothing), place * CHART_WIDTH / days, CHART_WIDTH / days, top)
            for place, day in enumerate(period)
        ],
        top={"amountMinor": top, "currency": currency},
        total={"amountMinor": sum(amounts), "currency": currency},
        orders=sum(entry["orders"] for entry in revenue_by_day),
    )


def bar(day: str, sold: Json, x: float, step: float, top: int) -> Bar:
    """A day's bar, as high as its revenue, where `top` minor units fill the chart."""
    height = CHART_HEIGHT * sold["revenue"]["amountMinor"] / top
    return Bar(
        day=day,
        revenue=sold["revenue"],
        orders=sold["orders"],
        x=round(x, 1),
        y=round(CHART_HEIGHT - height, 1),
        width=round(step * (1 - _GAP), 1),
        height=round(height, 1),
    )


def round_above(amount: int) -> int:
    """The smallest of 1, 2, 5, 10, 20 ... hundred that is not below `amount` minor units."""
    scale = 100
    while scale * _ROUND[-1] < amount:
        scale *= 10
    return next(scale * each for each in _ROUND if scale * each >= amount)


ROUTES = [Route("/admin", admin_page(show_dashboard))]

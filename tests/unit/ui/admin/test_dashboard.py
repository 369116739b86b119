from datetime import date

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of
from ui.admin.dashboard import CHART_HEIGHT, chart, round_above

pytestmark = pytest.mark.anyio

STATS = ("GET", "/api/orders/admin/stats")


async def test_the_figures(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*STATS, samples.stats())
    words = text_of(await admin.get("/admin"))
    assert "128 Completed" in words
    assert "0 Cancelled" in words
    assert "$150.00 from 3 orders in 30 days" in words
    assert "2026-11-22 2 $100.00" in words
    assert "Walnut pepper mill 7 $346.50" in words


@pytest.mark.parametrize(("asked", "days"), [("7", "7"), ("8", "30"), ("x", "30")])
async def test_the_days_are_one_of_three(
    admin: AsyncClient, api: FakeApi, asked: str, days: str
) -> None:
    api.answers(*STATS, samples.stats())
    await admin.get(f"/admin?days={asked}")
    [request] = api.asked(*STATS)
    assert request.url.params["days"] == days


async def test_a_new_shop_has_no_figures(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*STATS, {"byStatus": [], "revenueByDay": [], "bestSellers": []})
    assert "Nothing was sold in these 30 days." in text_of(await admin.get("/admin"))


def test_every_day_of_the_period_has_its_place() -> None:
    shown = chart(samples.stats()["revenueByDay"], 7, date(2026, 11, 25))
    assert shown
    assert [bar.day for bar in shown.bars] == [f"2026-11-{day}" for day in range(19, 26)]
    assert [bar.orders for bar in shown.bars] == [0, 0, 0, 2, 1, 0, 0]
    assert [bar.height for bar in shown.bars] == [0, 0, 0, CHART_HEIGHT, CHART_HEIGHT / 2, 0, 0]
    assert shown.bars[3].x + shown.bars[3].width < shown.bars[4].x
    assert (shown.total, shown.orders) == (samples.usd(15_000), 3)


def test_without_sales_there_is_no_chart() -> None:
    assert chart([], 30, date(2026, 11, 25)) is None


@pytest.mark.parametrize(
    ("amount", "top"),
    [(0, 100), (100, 100), (101, 200), (10_001, 20_000), (20_001, 50_000), (51_000, 100_000)],
)
def test_the_axis_ends_at_a_round_amount(amount: int, top: int) -> None:
    assert round_above(amount) == top

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of
from ui.admin.dashboard import CHART_HEIGHT, bars

pytestmark = pytest.mark.anyio

STATS = ("GET", "/api/orders/admin/stats")


async def test_the_figures(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*STATS, samples.stats())
    words = text_of(await admin.get("/admin"))
    assert "128 Completed" in words
    assert "0 Cancelled" in words
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


def test_bars_are_as_high_as_their_revenue() -> None:
    first, second = bars(samples.stats()["revenueByDay"])
    assert (first.y, first.height) == (0, CHART_HEIGHT)
    assert (second.y, second.height) == (CHART_HEIGHT / 2, CHART_HEIGHT / 2)
    assert first.x + first.width < second.x


def test_days_of_no_revenue_have_no_height() -> None:
    [bar] = bars([{"day": "2026-11-22", "revenue": samples.usd(0), "orders": 0}])
    assert bar.height == 0

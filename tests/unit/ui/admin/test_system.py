import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of
from ui.admin.system import Figures, figures_of

pytestmark = pytest.mark.anyio

SYSTEM = "/admin/system"
API = "/api/admin/system"
ORDERS, PAYMENTS = "/api/orders/admin/stuck", "/api/payments/admin/stuck"
HALF_OPEN = [{"name": "stripe", "state": "half_open"}]
FAILED = [{"name": "kafka", "state": "ConnectionError", "isRequired": False}]


@pytest.fixture(autouse=True)
def some_processes(api: FakeApi) -> None:
    processes = [
        samples.process("orders"),
        samples.process("payments", circuitBreakers=HALF_OPEN, checks=FAILED),
        samples.process("notify", isReady=False, unknown=["consumer_lag"]),
        samples.process("gateway", outboxes=[], consumerLag=[], deadLetters=0, rejectedEvents=0),
    ]
    api.answers("GET", API, {"processes": processes, "unreachable": ["cart"]})
    order = {"order": samples.order(), "reason": "expiry", "since": samples.AT}
    api.answers("GET", ORDERS, {"stuckOrders": [order]})
    payment = samples.payment_record()["payment"]
    payment = {"payment": payment, "reason": "refund", "since": samples.AT}
    api.answers("GET", PAYMENTS, {"stuckPayments": [payment]})


async def test_every_process_is_shown(admin: AsyncClient) -> None:
    words = text_of(await admin.get(SYSTEM))
    assert "No answer from cart." in words
    assert "cart Unreachable" in words
    assert "orders Ready 23 November 2026" in words
    assert "payments Ready Fails: kafka Not asked: stripe" in words
    assert "notify Not ready" in words
    assert "?" in words
    assert "6 Dead letters" in words


async def test_the_state_is_asked_for_again_while_it_is_shown(admin: AsyncClient) -> None:
    page = await admin.get(SYSTEM)
    assert f'data-live="{SYSTEM}/state" data-live-every="5"' in page.text
    part = await admin.get(f"{SYSTEM}/state")
    assert part.text.strip() in page.text
    assert part.headers["cache-control"] == "no-store"


async def test_the_state_is_for_admins(shopper: AsyncClient) -> None:
    assert (await shopper.get(f"{SYSTEM}/state")).status_code == 403


async def test_one_process_with_its_settings(admin: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", API, {"processes": [samples.process("orders")], "unreachable": []})
    words = text_of(await admin.get(f"{SYSTEM}/orders"))
    for word in ("ORDER_LIFETIME 900s", "CLIENT_SECRET hidden", "Outboxes of orders", "mongodb OK"):
        assert word in words
    assert "Circuit of stripe Closed" in words
    [request] = api.asked("GET", API)
    assert dict(request.url.params) == {"service": "orders"}


async def test_a_process_that_there_is_not(admin: AsyncClient, api: FakeApi) -> None:
    api.refuses("GET", API, 400, "VALIDATION_FAILED", {"service": "must be one of cart, orders"})
    assert (await admin.get(f"{SYSTEM}/ghost")).status_code == 404


def test_what_waits_in_all_services() -> None:
    processes = [samples.process("orders"), samples.process("payments")]
    assert figures_of(processes) == Figures(dead_letters=4, waiting=8, behind=14, rejected=2)


async def test_what_is_stuck_is_shown(admin: AsyncClient, api: FakeApi) -> None:
    words = text_of(await admin.get(SYSTEM))
    assert "Its time is over" in words
    assert "Stripe has not said whether the money went back" in words
    api.answers("GET", ORDERS, {"stuckOrders": []})
    api.refuses("GET", PAYMENTS, 503, "UNAVAILABLE")
    words = text_of(await admin.get(SYSTEM))
    assert "There are none: everything is done in time." in words
    assert "They cannot be reached now." in words


@pytest.mark.parametrize("path", ["orders/o1", "payments/pay1"])
async def test_what_is_stuck_is_freed(admin: AsyncClient, api: FakeApi, path: str) -> None:
    kind, _, stuck_id = path.partition("/")
    rpc = ("POST", f"/api/{kind}/admin/{stuck_id}/reconcile")
    api.answers(*rpc, {})
    answer = await admin.post(f"{SYSTEM}/{path}/reconcile")
    assert (answer.status_code, answer.headers["location"]) == (303, SYSTEM)
    api.refuses(*rpc, 503, "UNAVAILABLE")
    page = await admin.post(f"{SYSTEM}/{path}/reconcile")
    assert page.status_code == 503
    assert "The detail of UNAVAILABLE." in text_of(page)
    assert (await admin.get(f"{SYSTEM}/{path}/reconcile")).status_code == 303

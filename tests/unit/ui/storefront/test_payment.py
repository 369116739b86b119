from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from httpx import AsyncClient
from structlog.testing import capture_logs

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import error_of, hidden, text_of

pytestmark = pytest.mark.anyio

PAY = ("POST", "/api/payments")
CARD = {"number": "4242 4242 4242 4242", "expiry": "04/30", "cvc": "123", "key": "k1"}
EMULATOR = {"publishableKey": "pk_1", "emulatorUrl": "http://stripe.test:12111"}
STRIPE = {"publishableKey": "pk_live", "emulatorUrl": ""}


@pytest.fixture(autouse=True)
def pending_order(api: FakeApi) -> None:
    api.answers("GET", "/api/orders/o1", {"order": samples.order()})
    api.answers("GET", "/api/payments/config", EMULATOR)
    api.answers(*PAY, samples.payment(), 201)


async def test_the_page_with_the_emulator(shopper: AsyncClient) -> None:
    page = await shopper.get("/orders/o1/pay")
    assert "Pay $99.00" in text_of(page)
    assert "4000 0000 0000 9995" in text_of(page)
    assert "js.stripe.com" not in page.text + page.headers["content-security-policy"]
    assert "form-action 'self' http://stripe.test:12111;" in page.headers["content-security-policy"]


async def test_the_page_with_stripe_itself(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/payments/config", STRIPE)
    page = await shopper.get("/orders/o1/pay")
    assert '<script src="https://js.stripe.com/v3/" defer>' in page.text
    assert 'data-publishable-key="pk_live"' in page.text
    assert 'name="number"' not in page.text
    policy = page.headers["content-security-policy"]
    assert "script-src 'self' https://js.stripe.com;" in policy
    assert "unsafe" not in policy


async def test_a_guest_signs_in_first(browser: AsyncClient) -> None:
    answer = await browser.get("/orders/o1/pay")
    assert answer.headers["location"] == "/signin?next=/orders/o1/pay"


async def test_an_order_that_is_not_pending_has_nothing_to_pay(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/orders/o1", {"order": samples.order("completed")})
    answer = await shopper.get("/orders/o1/pay")
    assert answer.headers["location"] == "/orders/o1"


async def test_a_typed_card_pays(shopper: AsyncClient, api: FakeApi, emulator: FakeApi) -> None:
    answer = await shopper.post("/orders/o1/pay", data=CARD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/orders/o1?paid=1")
    [made] = emulator.asked("POST", "/v1/payment_methods")
    assert made.headers["authorization"] == "Bearer pk_1"
    assert {name: value for name, [value] in parse_qs(made.content.decode()).items()} == {
        "type": "card",
        "card[number]": "4242424242424242",
        "card[exp_month]": "04",
        "card[exp_year]": "2030",
        "card[cvc]": "123",
    }
    [paid] = api.asked(*PAY)
    assert paid.headers["idempotency-key"] == "k1"
    assert api.sent(*PAY) == {"orderId": "o1", "paymentMethodId": "pm_1"}


async def test_no_call_of_the_api_ever_has_the_card(shopper: AsyncClient, api: FakeApi) -> None:
    await shopper.post("/orders/o1/pay", data=CARD)
    assert all(b"4242" not in request.content for request in api.requests)


async def test_stripes_own_form_pays(shopper: AsyncClient, api: FakeApi, emulator: FakeApi) -> None:
    api.answers("GET", "/api/payments/config", STRIPE)
    form = {"paymentMethodId": "pm_from_stripe", "key": "k"}
    answer = await shopper.post("/orders/o1/pay", data=form)
    assert answer.headers["location"] == "/orders/o1?paid=1"
    assert api.sent(*PAY)["paymentMethodId"] == "pm_from_stripe"
    assert emulator.requests == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [("number", "4242"), ("number", "x" * 16), ("expiry", "soon"), ("expiry", ""), ("cvc", "12")],
)
async def test_what_is_wrong_with_a_field_is_shown_beside_it_and_nothing_is_sent(
    shopper: AsyncClient, api: FakeApi, emulator: FakeApi, field: str, typed: str
) -> None:
    page = await shopper.post("/orders/o1/pay", data={**CARD, field: typed})
    assert page.status_code == 400
    assert "must be" in error_of(page, field)
    assert "4242 4242 4242 4242" not in page.text.split("<details")[0]
    assert emulator.requests == api.asked(*PAY) == []


@pytest.mark.parametrize(("param", "field"), [("card[exp_month]", "expiry"), ("number", "number")])
async def test_a_card_that_the_emulator_does_not_take(
    shopper: AsyncClient, emulator: FakeApi, param: str, field: str
) -> None:
    error = {"error": {"param": param, "message": "Your card is not right."}}
    emulator.answers("POST", "/v1/payment_methods", error, 402)
    page = await shopper.post("/orders/o1/pay", data=CARD)
    assert page.status_code == 402
    assert error_of(page, field) == "Your card is not right."


async def test_an_emulator_that_is_unreachable_leaves_the_form_and_a_line_in_the_log(
    shopper: AsyncClient, api: FakeApi, emulator: FakeApi
) -> None:
    emulator.fails("POST", "/v1/payment_methods")
    with capture_logs() as lines:
        page = await shopper.post("/orders/o1/pay", data=CARD, headers={"X-Request-Id": "req-7"})
    assert page.status_code == 503
    assert "Nothing was charged; please try again in a moment." in text_of(page)
    assert "please name req-7" in text_of(page)
    assert 'value="04/30"' in page.text
    assert "4242 4242 4242 4242" not in page.text.split("<details")[0]
    [line] = lines
    assert (line["log_level"], line["request_id"], line["order_id"]) == ("warning", "req-7", "o1")
    assert "4242" not in str(line)
    assert api.asked(*PAY) == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (503, "UNAVAILABLE"),
        (503, "DEADLINE_EXCEEDED"),
        (504, "INTERNAL"),
        (500, "INTERNAL"),
        (409, "PAYMENT_IN_PROGRESS"),
    ],
)
async def test_an_unclear_payment_leads_to_the_order(
    shopper: AsyncClient, api: FakeApi, status: int, reason: str
) -> None:
    api.refuses(*PAY, status, reason)
    answer = await shopper.post("/orders/o1/pay", data=CARD)
    version = samples.order()["version"]
    assert (answer.status_code, answer.headers["location"]) == (303, f"/orders/o1?paying={version}")
    page = await shopper.get(answer.headers["location"])
    assert "Your payment is being checked" in text_of(page)
    assert "You will not be charged twice." in text_of(page)
    assert f'data-live="/orders/o1/state?paying={version}"' in page.text


async def test_an_unclear_payment_that_failed_can_be_tried_again(
    shopper: AsyncClient, api: FakeApi
) -> None:
    failed = {"at": samples.AT, "type": "payment.failed", "detail": "The card was declined."}
    order = samples.order()
    news = {**order, "version": order["version"] + 1, "timeline": [failed]}
    api.answers("GET", "/api/orders/o1", {"order": news})
    part = await shopper.get(f"/orders/o1/state?paying={order['version']}")
    assert "Your payment failed. Nothing was charged, and you can try again." in text_of(part)
    assert 'href="/orders/o1/pay"' in part.text


async def test_an_earlier_failure_is_not_taken_for_that_of_an_unclear_payment(
    shopper: AsyncClient, api: FakeApi
) -> None:
    failed = {"at": samples.AT, "type": "payment.failed", "detail": "The card was declined."}
    order = {**samples.order(), "timeline": [failed]}
    api.answers("GET", "/api/orders/o1", {"order": order})
    part = await shopper.get(f"/orders/o1/state?paying={order['version']}")
    assert "Your payment is being checked" in text_of(part)


async def test_an_unclear_payment_that_went_through_is_shown(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/orders/o1", {"order": samples.order("completed")})
    part = await shopper.get("/orders/o1/state?paying=1")
    assert "Your payment was received." in text_of(part)


async def test_everything_that_is_wrong_with_a_card_is_shown_at_once_and_the_date_stays(
    shopper: AsyncClient, emulator: FakeApi
) -> None:
    wrong = {"number": "4242 4242 4242 4241", "expiry": "04/20", "cvc": "1", "key": "k"}
    page = await shopper.post("/orders/o1/pay", data=wrong)
    assert page.status_code == 400
    assert "a digit is wrong" in error_of(page, "number")
    assert "must not be in the past" in error_of(page, "expiry")
    assert "must be 3 or 4 digits" in error_of(page, "cvc")
    assert 'value="04/20"' in page.text
    assert "4242 4242 4242 4241" not in page.text
    assert emulator.requests == []


async def test_a_declined_card_is_explained_and_the_order_payable(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.refuses(*PAY, 402, "CARD_DECLINED", declineCode="insufficient_funds", paymentId="x")
    page = await shopper.post("/orders/o1/pay", data=CARD)
    assert page.status_code == 402
    words = text_of(page)
    assert "Your card was declined. There is not enough money on the card." in words
    assert "Nothing was charged, and your order is still waiting for you." in words
    assert hidden(page, "key") not in {"", "k1"}
    assert 'value="4242' not in page.text


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [("ORDER_NOT_PAYABLE", "cannot be paid")],
)
async def test_conflicts_in_plain_words(
    shopper: AsyncClient, api: FakeApi, reason: str, sentence: str
) -> None:
    api.refuses(*PAY, 409, reason)
    page = await shopper.post("/orders/o1/pay", data=CARD)
    assert page.status_code == 409
    assert sentence in text_of(page)


async def test_the_same_page_sent_twice_ends_at_the_order(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.refuses(*PAY, 422, "IDEMPOTENCY_KEY_REUSED")
    answer = await shopper.post("/orders/o1/pay", data=CARD)
    assert answer.headers["location"] == "/orders/o1"


@pytest.mark.parametrize(
    ("address", "goes_to"),
    [("http://stripe.test:12111/3ds/x", None), ("javascript:alert(1)", "/orders/o1")],
)
async def test_the_bank_asks_by_a_page_of_its_own(
    shopper: AsyncClient, api: FakeApi, address: str, goes_to: str | None
) -> None:
    wanted: dict[str, Any] = {"requiresAction": True, "clientSecret": "cs", "actionUrl": address}
    api.answers(*PAY, samples.payment(**wanted), 202)
    answer = await shopper.post("/orders/o1/pay", data=CARD)
    assert (answer.status_code, answer.headers["location"]) == (303, goes_to or address)


async def test_stripes_page_of_the_bank_comes_before_its_script(
    shopper: AsyncClient, api: FakeApi
) -> None:
    api.answers("GET", "/api/payments/config", STRIPE)
    page = await shopper.get("/orders/o1/pay")
    assert "form-action 'self' https://hooks.stripe.com" in page.headers["content-security-policy"]
    address = "https://hooks.stripe.com/3d_secure_2/hosted?merchant=1"
    wanted: dict[str, Any] = {"requiresAction": True, "clientSecret": "cs", "actionUrl": address}
    api.answers(*PAY, samples.payment(**wanted), 202)
    answer = await shopper.post("/orders/o1/pay", data={"paymentMethodId": "pm", "key": "k"})
    assert (answer.status_code, answer.headers["location"]) == (303, address)


async def test_the_bank_asks_by_stripes_script(shopper: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", "/api/payments/config", STRIPE)
    api.answers(*PAY, samples.payment(requiresAction=True, clientSecret="pi_secret"), 202)
    page = await shopper.post("/orders/o1/pay", data={"paymentMethodId": "pm", "key": "k"})
    assert page.status_code == 200
    assert 'data-client-secret="pi_secret"' in page.text


async def test_an_answer_that_is_no_json_is_an_emulator_that_rests(
    shopper: AsyncClient, emulator: FakeApi
) -> None:
    emulator.answers_by("POST", "/v1/payment_methods", lambda _: httpx.Response(200, text="<html>"))
    assert (await shopper.post("/orders/o1/pay", data=CARD)).status_code == 503

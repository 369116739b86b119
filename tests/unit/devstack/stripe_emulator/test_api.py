import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from devstack.stripe_emulator.app import Settings, build_app
from devstack.stripe_emulator.auth import Keys
from devstack.stripe_emulator.shapes import JsonObject
from devstack.stripe_emulator.store import Store

pytestmark = pytest.mark.anyio

INTENTS = "/v1/payment_intents"
PAID = {
    "amount": "1999",
    "currency": "usd",
    "confirm": "true",
    "payment_method": "pm_card_visa",
    "payment_method_types[]": "card",
}
DECLINED = PAID | {"payment_method": "pm_card_visa_chargeDeclined"}
CHALLENGED = PAID | {"payment_method": "pm_card_threeDSecure2Required"}
KEY = {"Idempotency-Key": "k1"}


@pytest.fixture
async def client(store: Store) -> AsyncIterator[httpx.AsyncClient]:
    app = build_app(Settings(Keys("sk_test_mine", "pk_test_mine")), store, lambda: 1_800_000_000.5)
    secret = {"Authorization": "Bearer sk_test_mine"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://emulator", headers=secret
    ) as opened:
        yield opened


async def net_charges(client: httpx.AsyncClient) -> list[JsonObject]:
    found: list[JsonObject] = (await client.get("/_emulator/charges")).json()["data"]
    return found


async def switch_on(client: httpx.AsyncClient, kind: str, **more: object) -> None:
    assert (await client.post("/_emulator/faults", json={"kind": kind, **more})).is_success


@pytest.mark.parametrize(("form", "status"), [(PAID, 200), (DECLINED, 402)])
async def test_the_first_answer_is_replayed(
    client: httpx.AsyncClient, form: dict[str, str], status: int
) -> None:
    first = await client.post(INTENTS, data=form, headers=KEY)
    second = await client.post(INTENTS, data=form, headers=KEY)

    assert first.status_code == second.status_code == status
    assert first.text == second.text
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert second.headers["Original-Request"] == first.headers["Request-Id"]
    assert len((await client.get(INTENTS)).json()["data"]) == 1


async def test_the_same_key_with_other_parameters_is_refused(client: httpx.AsyncClient) -> None:
    await client.post(INTENTS, data=PAID, headers=KEY)

    other = await client.post(INTENTS, data=PAID | {"amount": "2000"}, headers=KEY)

    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    assert len(await net_charges(client)) == 1


async def test_a_malformed_request_does_not_use_its_key_up(client: httpx.AsyncClient) -> None:
    malformed = await client.post(INTENTS, data=PAID | {"expand[]": "colour"}, headers=KEY)
    assert malformed.status_code == 400
    assert (await client.get(INTENTS)).json()["data"] == []

    assert (await client.post(INTENTS, data=PAID, headers=KEY)).status_code == 200


async def test_a_charge_and_its_remembered_answer_are_kept_together_or_not_at_all(
    client: httpx.AsyncClient, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.delattr(Store, "save_reply")
        with pytest.raises(AttributeError):
            await client.post(INTENTS, data=PAID, headers=KEY)
    assert list(store.everything("charge")) == []

    answer = await client.post(INTENTS, data=PAID, headers=KEY)

    assert "Idempotent-Replayed" not in answer.headers
    assert len(await net_charges(client)) == 1


async def test_a_key_in_flight_is_a_conflict(client: httpx.AsyncClient) -> None:
    await switch_on(client, "slow", seconds=0.2)

    answers = await asyncio.gather(
        *(client.post(INTENTS, data=PAID, headers=KEY) for _ in range(2))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await net_charges(client)) == 1


@pytest.mark.parametrize(
    ("kind", "status", "charged", "retried"),
    [
        ("rate_limit_429", 429, 0, 200),
        ("conflict_409", 409, 0, 200),
        ("error_500_before", 500, 0, 200),
        ("error_500", 500, 1, 500),
        ("timeout_after_charge", 504, 1, 200),
    ],
)
async def test_faults_and_what_a_retry_with_the_same_key_finds(
    client: httpx.AsyncClient, kind: str, status: int, charged: int, retried: int
) -> None:
    await switch_on(client, kind, seconds=0)

    struck = await client.post(INTENTS, data=PAID, headers=KEY)
    charged_then = len(await net_charges(client))
    again = await client.post(INTENTS, data=PAID, headers=KEY)

    assert (struck.status_code, charged_then, again.status_code) == (status, charged, retried)
    assert len(await net_charges(client)) == 1
    assert ("Idempotent-Replayed" in again.headers) is (charged == 1)


async def test_faults_are_listed_and_cleared(client: httpx.AsyncClient) -> None:
    await switch_on(client, "slow", times=3, match={"path": "/v1/refunds"})
    (fault,) = (await client.get("/_emulator/faults")).json()["data"]
    assert (fault["kind"], fault["times"], fault["path"]) == ("slow", 3, "/v1/refunds")

    assert (await client.delete("/_emulator/faults")).json() == {"data": []}
    assert (await client.post("/_emulator/faults", json={"kind": "no"})).status_code == 400


async def test_net_charges_are_found_by_metadata(client: httpx.AsyncClient) -> None:
    paid = await client.post(INTENTS, data=PAID | {"metadata[order_id]": "o1"})
    await client.post(INTENTS, data=PAID | {"metadata[order_id]": "o2"})
    await client.post("/v1/refunds", data={"payment_intent": paid.json()["id"], "amount": "999"})

    found = (await client.get("/_emulator/charges?metadata[order_id]=o1")).json()

    (entry,) = found["data"]
    assert entry["payment_intent"] == paid.json()["id"]
    assert (entry["captured"], entry["refunded"], found["net"]) == (1999, 999, 1000)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", INTENTS + "/pi_none", 404, "resource_missing"),
        ("GET", "/v1/charges/ch_none", 404, "resource_missing"),
        ("POST", INTENTS + "/pi_none/confirm", 404, "resource_missing"),
        ("GET", "/v1/nothing", 404, None),
        ("DELETE", INTENTS, 404, None),
        ("POST", INTENTS + "?amount=1", 400, "parameter_missing"),
    ],
)
async def test_errors_have_stripes_shape(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str | None
) -> None:
    answer = await client.request(method, path)

    error = answer.json()["error"]
    assert (answer.status_code, error.get("code")) == (status, code)
    assert error["type"] == "invalid_request_error"
    assert answer.headers["Request-Id"].startswith("req_")


async def test_a_page_may_make_a_token_but_not_a_charge(client: httpx.AsyncClient) -> None:
    page = {"Authorization": "Bearer pk_test_mine", "Origin": "http://shop"}
    card = {"card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "34"}

    token = await client.post("/v1/tokens", data=card, headers=page)
    charge = await client.post("/v1/charges", data={"source": token.json()["id"]}, headers=page)

    assert token.json()["card"]["last4"] == "4242"
    assert token.headers["Access-Control-Allow-Origin"] == "*"
    assert (charge.status_code, charge.json()["error"]["code"]) == (401, "secret_key_required")


@pytest.mark.parametrize(
    ("outcome", "redirect", "status"),
    [("complete", "succeeded", "succeeded"), ("fail", "failed", "requires_payment_method")],
)
async def test_a_person_answers_the_challenge(
    client: httpx.AsyncClient, outcome: str, redirect: str, status: str
) -> None:
    form = CHALLENGED | {"return_url": "http://shop/back?order=1"}
    intent = (await client.post(INTENTS, data=form)).json()
    page = intent["next_action"]["redirect_to_url"]["url"]
    question = await client.get(page)
    assert "19.99 USD" in question.text
    assert intent["client_secret"] in question.text

    answer = {"client_secret": intent["client_secret"], "outcome": outcome}
    back = await client.post(page, data=answer)

    assert back.status_code == 303
    query = httpx.URL(back.headers["Location"]).params
    assert (query["order"], query["redirect_status"]) == ("1", redirect)
    assert (await client.get(f"{INTENTS}/{intent['id']}")).json()["status"] == status
    assert (await client.post(page, data=answer)).status_code == 409


async def test_the_challenge_page_needs_the_client_secret(client: httpx.AsyncClient) -> None:
    intent = (await client.post(INTENTS, data=CHALLENGED)).json()
    page = f"/3ds/{intent['id']}"

    assert (await client.get(page)).status_code == 404
    assert (await client.post(page, data={"outcome": "complete"})).status_code == 404
    assert (await client.get(page, params={"client_secret": "x"})).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("pm_card_threeDSecure2Required", "3ds/{}/complete", "succeeded"),
        ("pm_card_threeDSecure2Required", "3ds/{}/fail", "requires_payment_method"),
        ("pm_card_processing", "settle/{}/succeeded", "succeeded"),
    ],
)
async def test_tests_answer_without_a_page(
    client: httpx.AsyncClient, method: str, path: str, status: str
) -> None:
    intent = (await client.post(INTENTS, data=PAID | {"payment_method": method})).json()

    answer = await client.post("/_emulator/" + path.format(intent["id"]))

    assert (answer.status_code, answer.json()["status"]) == (200, status)

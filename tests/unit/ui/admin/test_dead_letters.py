import json

import pytest
from httpx import AsyncClient

from tests.unit.ui import samples
from tests.unit.ui.fake_api import FakeApi
from tests.unit.ui.pages import text_of

pytestmark = pytest.mark.anyio

LIST = "/admin/dead-letters"
API = "/api/admin/dead-letters"
REPLAY = ("POST", f"{API}/cart/l1/replay")
REPLAY_SOME = ("POST", f"{API}/replay")
DROP_SOME = ("POST", f"{API}/drop")
NOTHING_LEFT = {"replayed": 2, "failed": 0, "failures": [], "left": 0, "unreachable": []}


@pytest.fixture(autouse=True)
def one_letter(api: FakeApi) -> None:
    api.answers("GET", API, samples.dead_letters(samples.dead_letter(), nextPageToken="t"))
    api.answers("GET", f"{API}/cart/l1", {"deadLetter": samples.dead_letter()})


async def test_the_list_by_group(admin: AsyncClient, api: FakeApi) -> None:
    page = await admin.get(f"{LIST}?group=cart-product-created")
    words = text_of(page)
    for word in ("cart-product-created", "p1", "ValueError: <no>", "9"):
        assert word in words
    assert 'href="?group=cart-product-created&amp;pageToken=t"' in page.text
    [request] = api.asked("GET", API)
    assert dict(request.url.params) == {"group": "cart-product-created"}


async def test_services_that_do_not_answer_are_named(admin: AsyncClient, api: FakeApi) -> None:
    api.answers("GET", API, samples.dead_letters(unreachable=["orders", "cart"]))
    words = text_of(await admin.get(LIST))
    assert "No answer from orders, cart." in words
    assert "There are none." in words


async def test_a_service_that_there_is_not_has_none(admin: AsyncClient, api: FakeApi) -> None:
    api.refuses("GET", API, 400, "VALIDATION_FAILED", {"service": "must be one of cart, orders"})
    page = await admin.get(f"{LIST}?service=ghost")
    assert page.status_code == 200
    assert "There are none." in text_of(page)


async def test_one_letter_with_its_event_and_its_failures(admin: AsyncClient) -> None:
    page = await admin.get(f"{LIST}/cart/l1")
    words = text_of(page)
    for word in ("KeyError: first", "ValueError: <no>", '"title": "<Mill>"', "product.created"):
        assert word in words
    assert "<Mill>" not in page.text


async def test_one_is_handled_again(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*REPLAY, {})
    answer = await admin.post(f"{LIST}/cart/l1/replay")
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    api.refuses(*REPLAY, 409, "REPLAY_FAILED")
    page = await admin.post(f"{LIST}/cart/l1/replay")
    assert page.status_code == 409
    assert "The event failed again: The detail of REPLAY_FAILED." in text_of(page)


async def test_one_is_dropped(admin: AsyncClient, api: FakeApi) -> None:
    api.answers("DELETE", f"{API}/cart/l1", {})
    answer = await admin.post(f"{LIST}/cart/l1/drop")
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    assert len(api.asked("DELETE", f"{API}/cart/l1")) == 1


async def test_several_are_handled_again(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*REPLAY_SOME, NOTHING_LEFT)
    answer = await admin.post(f"{LIST}/replay", data={"letter": ["l1", "l2"]})
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    assert api.sent(*REPLAY_SOME) == {"deadLetterIds": ["l1", "l2"]}


async def test_what_failed_again_of_several_is_said(admin: AsyncClient, api: FakeApi) -> None:
    became = NOTHING_LEFT | {"replayed": 1, "failed": 2, "left": 3, "unreachable": ["orders"]}
    api.answers(*REPLAY_SOME, became)
    page = await admin.post(f"{LIST}/replay", data={"letter": ["l1", "l2"]})
    assert page.status_code == 409
    words = text_of(page)
    assert "1 handled, 2 failed again. For 3 there was no time. No answer from orders." in words


async def test_several_are_dropped_once_that_is_confirmed(admin: AsyncClient, api: FakeApi) -> None:
    api.answers(*DROP_SOME, {"dropped": 2, "unreachable": []})
    chosen = {"letter": ["l1", "l2"]}
    page = await admin.post(f"{LIST}/drop", data=chosen)
    assert "Drop these 2 letters?" in text_of(page)
    assert api.asked(*DROP_SOME) == []
    assert page.text.count('name="letter"') == 2
    answer = await admin.post(f"{LIST}/drop", data={**chosen, "confirmed": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    [request] = api.asked(*DROP_SOME)
    assert json.loads(request.content) == {"deadLetterIds": ["l1", "l2"]}


@pytest.mark.parametrize("action", ["replay", "drop"])
async def test_none_chosen(admin: AsyncClient, api: FakeApi, action: str) -> None:
    answer = await admin.post(f"{LIST}/{action}", data={"confirmed": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, LIST)
    assert not [each for each in api.requests if each.method == "POST"]


@pytest.mark.parametrize("path", ["replay", "drop", "cart/l1/replay", "cart/l1/drop"])
async def test_the_address_of_a_form_leads_to_its_page(admin: AsyncClient, path: str) -> None:
    assert (await admin.get(f"{LIST}/{path}")).status_code == 303

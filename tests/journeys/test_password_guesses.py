"""A password is guessed from many places at once; its owner is not kept out."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.support.people import Shop, Shopper

ALLOWED, WINDOW_SECONDS = 10, 900
SIGN_IN = "/api/users/signin"


def test_guesses_end_and_the_owners_device_gets_in(shop: Shop, shopper: Shopper) -> None:
    right = {"email": shopper.user["email"], "password": "correct horse"}

    def guess(number: int) -> httpx.Response:
        with shop.visitor() as client:
            return client.post(SIGN_IN, json=right | {"password": f"guess {number}"})

    began = time.time()
    with ThreadPoolExecutor(16) as threads:
        responses = list(threads.map(guess, range(64)))
    windows = int(time.time() // WINDOW_SECONDS) - int(began // WINDOW_SECONDS) + 1
    looked_at = [response for response in responses if response.status_code == 401]
    assert ALLOWED <= len(looked_at) <= ALLOWED * windows
    refused = [response for response in responses if response not in looked_at]
    assert {response.status_code for response in refused} == {429}
    assert refused[-1].json()["reason"] == "RATE_LIMITED"
    assert 0 < int(refused[-1].headers["retry-after"]) <= WINDOW_SECONDS

    # Not even the right one is looked at, from a device that was never signed in.
    if windows == 1:
        with shop.visitor() as client:
            assert client.post(SIGN_IN, json=right).status_code == 429
            page = client.post("/signin", data=right)
            assert "Too many wrong passwords were tried. Try again in" in page.text
    assert shopper.client.post(SIGN_IN, json=right).status_code == 200

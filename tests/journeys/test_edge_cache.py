"""Copies at the edge of a shop with two gateways: how changes at one are seen at the other."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.support.gateways import (
    another_gateway,
    retitled,
    title_at,
    title_in_list_at,
    wait_until_copies_live_long,
)
from tests.support.people import Admin, Shop, eventually

CHANGES = 40
# A change is seen at other gateways within this, but for the odd hiccup of a busy machine.
SOON_SECONDS, HICCUPS = 0.25, 4
# Before a copy of two seconds would end by itself.
ENDS_SECONDS = 5.0


@pytest.fixture(scope="module")
def elsewhere(shop: Shop) -> Iterator[httpx.Client]:
    """A visitor at another gateway than everybody else's."""
    with another_gateway(shop) as there, there.visitor() as client:
        yield client


@pytest.mark.parametrize("look", [title_at, title_in_list_at])
def test_a_change_is_seen_at_once_where_it_was_made_and_soon_elsewhere(
    admin: Admin, elsewhere: httpx.Client, look: Callable[[httpx.Client, str], str]
) -> None:
    thing, other = (admin.add_product(quantity=1)["id"] for _ in range(2))
    wait_until_copies_live_long(elsewhere, other)
    late = 0
    for _ in range(CHANGES):
        look(admin.client, thing)
        look(elsewhere, thing)
        title = retitled(admin, thing)
        changed = time.monotonic()
        assert look(admin.client, thing) == title
        asked = time.monotonic()
        while look(elsewhere, thing) != title:
            asked = time.monotonic()
        # The first right answer was asked for then, so the last one of before was even earlier.
        late += asked - changed > SOON_SECONDS
    assert late <= HICCUPS


def test_an_order_ends_the_copies_elsewhere(admin: Admin, elsewhere: httpx.Client) -> None:
    thing = admin.add_product(quantity=5)["id"]
    wait_until_copies_live_long(elsewhere, thing)
    admin.buy_now((thing, 2))
    eventually(
        lambda: elsewhere.get(f"/api/products/{thing}").json()["product"]["available"],
        lambda available: available == 3,
        ENDS_SECONDS,
    )

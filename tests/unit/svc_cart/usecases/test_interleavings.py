"""Two calls on one cart at once: in every order of their writes nothing is lost or doubled."""

from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import combinations_with_replacement

import pytest

from svc_cart.model.cart import Shopper
from tests.support.interleaving import Turns, every_interleaving
from tests.unit.svc_cart.shops import Shop

pytestmark = pytest.mark.anyio

USER = Shopper("u1")
Step = Callable[[Shop], Awaitable[object]]
# What each adds to a cart of two lamps, where the guest brings a vase.
STEPS: dict[str, tuple[Step, Counter[str]]] = {
    "add a lamp": (lambda shop: shop.edit_cart.add(USER, "lamp", 1), Counter(lamp=1)),
    "add a vase": (lambda shop: shop.edit_cart.add(USER, "vase", 1), Counter(vase=1)),
    "add as the guest": (
        lambda shop: shop.edit_cart.add(Shopper("u1", "secret1"), "lamp", 1),
        Counter(lamp=1),
    ),
    "merge": (lambda shop: shop.merge_guest_cart(Shopper("u1", "secret1")), Counter()),
}
MERGING = {"add as the guest", "merge"}


@pytest.mark.parametrize(("one", "other"), list(combinations_with_replacement(STEPS, 2)))
async def test_what_two_calls_put_in_is_in(one: str, other: str) -> None:
    async def run(turns: Turns) -> None:
        shop = Shop()
        await shop.edit_cart.add(USER, "lamp", 2)
        await shop.edit_cart.add(Shopper(), "vase", 1)
        outcomes = await turns.both(*(STEPS[name][0](beside(shop, turns)) for name in (one, other)))
        assert [each for each in outcomes if isinstance(each, BaseException)] == []
        wanted = Counter(lamp=2) + STEPS[one][1] + STEPS[other][1]
        wanted["vase"] += 1 if MERGING & {one, other} else 0
        lines = shop.carts.carts[USER.owner].lines
        assert Counter({line.product_id: line.quantity for line in lines}) == wanted

    assert await every_interleaving(run) > 1


def beside(shop: Shop, turns: Turns) -> Shop:
    """Another process on the same carts."""
    return Shop(
        carts=turns.on(shop.carts),
        replica=turns.on(shop.replica),
        catalog=turns.on(shop.catalog),
        orders=turns.on(shop.orders),
    )

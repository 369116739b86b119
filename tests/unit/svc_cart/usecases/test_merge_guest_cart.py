"""A guest's cart becomes the user's: exactly once, whatever happens in between."""

import asyncio

import pytest

from svc_cart.model.cart import Cart, Shopper, guest_owner
from tests.unit.svc_cart.fakes import FakeCartStore
from tests.unit.svc_cart.shops import Shop

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop() -> Shop:
    """Two lamps and a vase of the guest with the id secret1, and a lamp of u1."""
    shop = Shop()
    await shop.edit_cart.add(Shopper(), "lamp", 2)
    await shop.edit_cart.add(Shopper(guest_id="secret1"), "vase", 1)
    await shop.edit_cart.add(Shopper("u1"), "lamp", 1)
    return shop


BACK = Shopper("u1", "secret1")


async def quantities(shop: Shop, shopper: Shopper = BACK) -> dict[str, int]:
    seen = await shop.edit_cart.get(shopper)
    return {item.product_id: item.quantity for item in seen.cart.items}


async def test_the_first_call_moves_the_lines_and_clears_the_cookie(shop: Shop) -> None:
    seen = await shop.edit_cart.get(BACK)
    assert seen.guest_id == ""
    assert await quantities(shop) == {"lamp": 3, "vase": 1}
    assert guest_owner("secret1") not in shop.carts.carts


@pytest.mark.parametrize("call", ["add", "set_quantity", "remove"])
async def test_any_call_does(shop: Shop, call: str) -> None:
    match call:
        case "add":
            seen = await shop.edit_cart.add(BACK, "vase", 1)
        case "set_quantity":
            seen = await shop.edit_cart.set_quantity(BACK, "vase", 2)
        case _:
            seen = await shop.edit_cart.remove(BACK, "nothing")
    assert seen.guest_id == ""
    assert (await quantities(shop))["lamp"] == 3


async def test_parallel_calls_move_them_once(shop: Shop) -> None:
    await asyncio.gather(*(shop.edit_cart.get(BACK) for _ in range(10)))
    assert await quantities(shop) == {"lamp": 3, "vase": 1}


async def test_the_note_of_a_merge_is_kept_until_the_guests_cart_is_gone(shop: Shop) -> None:
    await shop.edit_cart.get(BACK)
    assert shop.carts.carts["user:u1"].merged == ()


async def test_a_call_that_was_late_moves_nothing_again(shop: Shop) -> None:
    """It sealed the guest's cart, and went on when all was done and forgotten."""
    late, seal = asyncio.Event(), shop.carts.seal

    async def sealed_and_late(owner: str, merging_into: str) -> Cart | None:
        shop.carts.seal = seal  # type: ignore[method-assign]
        guest = await seal(owner, merging_into)
        await late.wait()
        return guest

    shop.carts.seal = sealed_and_late  # type: ignore[method-assign]
    call = asyncio.create_task(shop.edit_cart.get(BACK))
    await asyncio.sleep(0)
    await shop.edit_cart.get(BACK)
    late.set()
    await call
    assert await quantities(shop, Shopper("u1")) == {"lamp": 3, "vase": 1}
    assert shop.carts.carts["user:u1"].merged == ()


async def test_an_unknown_guest_id_is_cleared(shop: Shop) -> None:
    assert (await shop.edit_cart.get(Shopper("u1", "unknown"))).guest_id == ""
    assert await quantities(shop, Shopper("u1")) == {"lamp": 1}


@pytest.mark.parametrize("crash", ["seal", "save", "delete"])
async def test_a_crash_after_any_step_is_made_good(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, crash: str
) -> None:
    step = getattr(FakeCartStore, crash)

    async def crashes(self: FakeCartStore, *args: object) -> None:
        await step(self, *args)
        raise ConnectionError(crash)

    with monkeypatch.context() as patched:
        patched.setattr(FakeCartStore, crash, crashes)
        with pytest.raises(ConnectionError):
            await shop.edit_cart.get(BACK)
    assert await quantities(shop) == {"lamp": 3, "vase": 1}
    assert guest_owner("secret1") not in shop.carts.carts


async def test_a_cart_that_is_being_moved_is_nobody_elses(shop: Shop) -> None:
    await shop.carts.seal(guest_owner("secret1"), "user:u1")
    assert await quantities(shop, Shopper("u2", "secret1")) == {}
    assert await quantities(shop, Shopper(guest_id="secret1")) == {}
    added = await shop.edit_cart.add(Shopper(guest_id="secret1"), "lamp", 1)
    assert added.guest_id == "secret2"
    assert await quantities(shop) == {"lamp": 3, "vase": 1}

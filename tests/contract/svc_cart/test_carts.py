"""The port CartStore, and use cases that depend on how it takes parallel writes."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from chassis.outbox.versioned import jittered
from svc_cart.model.cart import Cart
from svc_cart.model.checkouts import CartCheckedOut
from svc_cart.usecases.write_cart import WriteCart
from tests.contract.svc_cart.conftest import Carts
from tests.unit.svc_cart.samples import NOON, cart, line, order, product

pytestmark = pytest.mark.anyio


def saved(cart: Cart | None) -> Cart:
    assert cart is not None
    return cart


async def test_a_cart_comes_back_whole(carts: Carts) -> None:
    written = cart(
        line("lamp", 2),
        line("vase", 1, 5),
        merged=("g1",),
        generation=7,
        expires_at=NOON + timedelta(days=30),
    )
    assert await carts.store.find(written.owner) is None
    first = saved(await carts.store.save(written))
    assert first == replace(written, version=1)
    assert await carts.store.find(written.owner) == first
    second = saved(await carts.store.save(first.remove("lamp")))
    assert await carts.store.find(written.owner) == second
    assert (second.version, second.lines) == (2, (line("vase", 1, 5),))


async def test_only_the_next_version_is_written(carts: Carts) -> None:
    first = saved(await carts.store.save(cart(line())))
    await carts.store.save(first)
    assert await carts.store.save(first) is None
    assert saved(await carts.store.find("user:u1")).version == 2


async def test_an_owner_has_one_cart(carts: Carts) -> None:
    await carts.store.save(cart(line("lamp")))
    assert await carts.store.save(cart(line("vase"), id="c2")) is None
    assert await carts.store.save(cart(line("vase"), id="c2", owner="user:u2"))
    assert saved(await carts.store.find("user:u1")).lines == (line("lamp"),)


async def test_a_sealed_cart_is_one_users_and_nobody_writes_it(carts: Carts) -> None:
    guest = saved(await carts.store.save(cart(line(), owner="guest:x")))
    sealed = saved(await carts.store.seal("guest:x", "user:u1"))
    assert (sealed.lines, sealed.merging_into) == (guest.lines, "user:u1")
    assert await carts.store.save(guest) is None
    assert await carts.store.save(sealed) is None
    assert saved(await carts.store.seal("guest:x", "user:u1")).id == guest.id
    assert await carts.store.seal("guest:x", "user:u2") is None
    assert await carts.store.seal("guest:unknown", "user:u1") is None


async def test_a_deleted_cart_is_gone(carts: Carts) -> None:
    await carts.store.save(cart(line()))
    await carts.store.delete("c1")
    await carts.store.delete("c1")
    assert await carts.store.find("user:u1") is None
    assert await carts.store.save(cart(line()))


async def test_a_checkout_is_announced_once_and_changes_nothing_else(carts: Carts) -> None:
    written = saved(await carts.store.save(cart(line())))
    event = CartCheckedOut(written.id, written.version, "u1", order("o1"), NOON)
    await carts.store.record_checkout(event)
    await carts.store.record_checkout(event)
    await carts.store.record_checkout(replace(event, order=order("o2")))
    await carts.store.record_checkout(replace(event, cart_id="unknown"))
    over = order("o3", cart_generation=1)
    await carts.store.record_checkout(replace(event, order=over))
    assert await carts.announced() == ["o1", "o2"]
    assert await carts.store.find("user:u1") == written
    # A write of the cart leaves the events alone.
    await carts.store.save(written.remove("lamp"))
    assert await carts.announced() == ["o1", "o2"]


async def test_parallel_changes_are_all_kept(carts: Carts) -> None:
    numbers = count(1)
    write_cart = WriteCart(carts.store, lambda: f"c{next(numbers)}", jittered)

    async def add(product_id: str) -> None:
        await write_cart.apply("user:u1", lambda cart: cart.add(product(product_id), 1, NOON))

    await asyncio.gather(*(add(f"p{number % 4}") for number in range(20)))
    lines = saved(await carts.store.find("user:u1")).lines
    assert {each.product_id: each.quantity for each in lines} == {
        f"p{number}": 5 for number in range(4)
    }

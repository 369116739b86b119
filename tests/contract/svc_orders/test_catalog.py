"""What the port Catalog promises: on the fake, and on the catalog itself over gRPC."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Any, cast

import grpc
import pytest
from shop.catalog.v1 import catalog_pb2_grpc

from chassis.auth.identity import Identity
from chassis.errors import NotFound, Refusal, Unavailable
from chassis.rpc.channel import open_channel
from svc_catalog.rpc import DETAILS
from svc_orders.model.lines import Item
from svc_orders.model.refusals import OrderFailed, OutOfStock, Shortage
from svc_orders.peers.catalog import CatalogPeer
from svc_orders.usecases.ports import Catalog, ReservationClosed
from tests.support.serving import any_token, served
from tests.unit.svc_catalog import samples
from tests.unit.svc_catalog.fakes import FakeProductStore
from tests.unit.svc_catalog.served import rpc_of
from tests.unit.svc_orders.fakes import FakeCatalog, Stocked
from tests.unit.svc_orders.world import lines, product, usd

pytestmark = pytest.mark.anyio

ORDERS = Identity("service", id="svc_orders", role="service")
STOCK = {"lamp": 5, "vase": 1}


@pytest.fixture
async def peer() -> AsyncIterator[CatalogPeer]:
    """The catalog, as the orders service calls it."""
    store = FakeProductStore(
        {each: samples.product(each, title=each.title(), quantity=n) for each, n in STOCK.items()}
    )
    add = partial(catalog_pb2_grpc.add_CatalogServiceServicer_to_server, rpc_of(store))
    async with served(add, ORDERS, DETAILS) as channel:
        yield CatalogPeer(catalog_pb2_grpc.CatalogServiceStub(channel))


@pytest.fixture(params=["fake", "real"])
def catalog(request: pytest.FixtureRequest) -> Catalog:
    """The catalog, both kinds."""
    if request.param == "real":
        peer: CatalogPeer = request.getfixturevalue("peer")
        return peer
    price = samples.product("lamp").fields.price.amount_minor
    return FakeCatalog({each: Stocked(product(each, price), n) for each, n in STOCK.items()})


def item(product_id: str, quantity: int) -> Item:
    price = samples.product("lamp").fields.price.amount_minor
    return Item(product_id, product_id.title(), usd(price), quantity)


async def test_a_product_has_a_title_and_a_price(catalog: Catalog) -> None:
    found = await catalog.product("lamp")
    assert (found.id, found.title, found.deleted) == ("lamp", "Lamp", False)
    assert found.price == item("lamp", 1).price
    assert found.version >= 1


async def test_an_unknown_product_is_as_good_as_deleted(catalog: Catalog) -> None:
    ghost = await catalog.product("ghost")
    assert (ghost.deleted, ghost.version) == (True, 0)


async def test_a_reservation_answers_what_holds_and_can_be_repeated(catalog: Catalog) -> None:
    reserved = {"lamp": item("lamp", 4), "vase": item("vase", 1)}
    for _ in range(2):
        assert await catalog.reserve("o1", lines(lamp=4, vase=1)) == reserved
    with pytest.raises(OutOfStock):
        await catalog.reserve("o2", lines(lamp=2))
    assert await catalog.reserve("o2", lines(lamp=1)) == {"lamp": item("lamp", 1)}


async def test_every_shortage_is_named_and_nothing_is_held(catalog: Catalog) -> None:
    with pytest.raises(OutOfStock) as refused:
        await catalog.reserve("o1", lines(lamp=6, vase=2))
    assert sorted(refused.value.lines, key=lambda each: each.product_id) == [
        Shortage("lamp", "Lamp", 6, 5),
        Shortage("vase", "Vase", 2, 1),
    ]
    with pytest.raises(OutOfStock):
        await catalog.reserve("o2", lines(lamp=5, vase=2))
    await catalog.reserve("o3", lines(lamp=5, vase=1))


async def test_an_unknown_product_can_not_be_reserved(catalog: Catalog) -> None:
    with pytest.raises(NotFound) as refused:
        await catalog.reserve("o1", lines(lamp=1, ghost=1))
    assert "ghost" in refused.value.message
    await catalog.reserve("o2", lines(lamp=5))


async def test_a_release_gives_back_and_closes(catalog: Catalog) -> None:
    await catalog.reserve("o1", lines(lamp=5))
    for _ in range(2):
        await catalog.release("o1", ["lamp"])
    with pytest.raises(ReservationClosed):
        await catalog.reserve("o1", lines(lamp=5))
    await catalog.reserve("o2", lines(lamp=5))


async def test_a_release_of_what_was_never_held_leaves_no_trace(catalog: Catalog) -> None:
    await catalog.release("o1", ["lamp"])
    assert await catalog.reserve("o1", lines(lamp=1)) == {"lamp": item("lamp", 1)}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("RESOURCE_EXHAUSTED", OrderFailed),
        ("INVALID_ARGUMENT", OrderFailed),
        ("INTERNAL", OrderFailed),
        ("UNIMPLEMENTED", OrderFailed),
        ("UNKNOWN", OrderFailed),
        ("UNAVAILABLE", Unavailable),
        ("DEADLINE_EXCEEDED", Unavailable),
        ("PERMISSION_DENIED", Unavailable),
    ],
)
async def test_only_what_may_pass_is_worth_repeating(code: str, expected: type[Refusal]) -> None:
    error = grpc.aio.AioRpcError(grpc.StatusCode[code], grpc.aio.Metadata(), grpc.aio.Metadata())

    class Stub:
        async def ReserveStock(self, request: object, *, timeout: float) -> None:
            raise error

    with pytest.raises(expected):
        await CatalogPeer(cast("Any", Stub())).reserve("o1", lines(lamp=1))


async def test_of_a_catalog_that_is_away_the_outcome_is_unknown() -> None:
    channel = open_channel("127.0.0.1:1", any_token)
    fake = FakeCatalog({}, away=True)
    for catalog in (CatalogPeer(catalog_pb2_grpc.CatalogServiceStub(channel)), fake):
        with pytest.raises(Unavailable):
            await catalog.product("lamp")
        with pytest.raises(Unavailable):
            await catalog.reserve("o1", lines(lamp=1))
        with pytest.raises(Unavailable):
            await catalog.release("o1", ["lamp"])
    await channel.close()

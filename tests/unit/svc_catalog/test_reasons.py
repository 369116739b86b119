"""Every reason that the contract declares for the catalog's RPCs can happen."""

from typing import Any, cast

import pytest
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2

from svc_catalog.rpc import CatalogRpc
from tests.support.reasons import Refusals, declared
from tests.unit.svc_catalog.fakes import (
    FakeProductStore,
)
from tests.unit.svc_catalog.samples import product
from tests.unit.svc_catalog.served import rpc_of

pytestmark = pytest.mark.anyio

# No method looks at it.
CONTEXT = cast("Any", None)
PRICE = money_pb2.Money(amount_minor=4900, currency="USD")


def new_rpc() -> CatalogRpc:
    """Of a shop with five lamps."""
    return rpc_of(FakeProductStore(products={"lamp": product("lamp", quantity=5)}))


refusals = Refusals(new_rpc)


async def update(rpc: CatalogRpc, product_id: str, version: int) -> None:
    request = catalog_pb2.UpdateProductRequest(
        product_id=product_id, version=version, title="Lamp", category="Lighting", price=PRICE
    )
    await rpc.UpdateProduct(request, CONTEXT)


async def reserve_product(
    rpc: CatalogRpc, product_id: str = "lamp", quantity: int = 1, order_id: str = "o1"
) -> None:
    request = catalog_pb2.ReserveProductRequest(
        product_id=product_id, order_id=order_id, quantity=quantity
    )
    await rpc.ReserveProduct(request, CONTEXT)


async def reserve_stock(rpc: CatalogRpc, product_id: str = "lamp", quantity: int = 1) -> None:
    line = catalog_pb2.StockLine(product_id=product_id, quantity=quantity)
    request = catalog_pb2.ReserveStockRequest(order_id="o1", lines=[line])
    await rpc.ReserveStock(request, CONTEXT)


async def release(rpc: CatalogRpc) -> None:
    request = catalog_pb2.ReleaseStockRequest(order_id="o1", product_ids=["lamp"])
    await rpc.ReleaseStock(request, CONTEXT)


@refusals.of("GetProduct", "NOT_FOUND")
async def get_what_is_not_there(rpc: CatalogRpc) -> None:
    await rpc.GetProduct(catalog_pb2.GetProductRequest(product_id="ghost"), CONTEXT)


@refusals.of("UpdateProduct", "NOT_FOUND")
async def update_what_is_not_there(rpc: CatalogRpc) -> None:
    await update(rpc, "ghost", version=1)


@refusals.of("UpdateProduct", "VERSION_CONFLICT")
async def update_another_version(rpc: CatalogRpc) -> None:
    await update(rpc, "lamp", version=9)


@refusals.of("EditProduct", "NOT_FOUND")
async def edit_what_is_not_there(rpc: CatalogRpc) -> None:
    request = catalog_pb2.EditProductRequest(product_id="ghost", title="Lamp")
    await rpc.EditProduct(request, CONTEXT)


@refusals.of("EditProduct", "VERSION_CONFLICT")
async def edit_another_version(rpc: CatalogRpc) -> None:
    request = catalog_pb2.EditProductRequest(product_id="lamp", title="Steel lamp", version=9)
    await rpc.EditProduct(request, CONTEXT)


@refusals.of("DeleteProduct", "NOT_FOUND")
async def delete_what_is_not_there(rpc: CatalogRpc) -> None:
    await rpc.DeleteProduct(catalog_pb2.DeleteProductRequest(product_id="ghost"), CONTEXT)


@refusals.of("GetImage", "NOT_FOUND")
async def get_a_picture_that_is_not_there(rpc: CatalogRpc) -> None:
    request = catalog_pb2.GetImageRequest(image_key="a" * 64, file="640.webp")
    await rpc.GetImage(request, CONTEXT)


@refusals.of("ReserveProduct", "NOT_FOUND")
async def reserve_a_product_that_is_not_there(rpc: CatalogRpc) -> None:
    await reserve_product(rpc, "ghost")


@refusals.of("ReserveProduct", "OUT_OF_STOCK")
async def reserve_more_of_a_product_than_there_is(rpc: CatalogRpc) -> None:
    await reserve_product(rpc, quantity=6)


@refusals.of("ReserveProduct", "RESERVATION_CLOSED")
async def reserve_a_product_that_was_released(rpc: CatalogRpc) -> None:
    await reserve_product(rpc)
    await release(rpc)
    await reserve_product(rpc)


@refusals.of("ReserveStock", "NOT_FOUND")
async def reserve_what_is_not_there(rpc: CatalogRpc) -> None:
    await reserve_stock(rpc, "ghost")


@refusals.of("ReserveStock", "OUT_OF_STOCK")
async def reserve_more_than_there_is(rpc: CatalogRpc) -> None:
    await reserve_stock(rpc, quantity=6)


@refusals.of("ReserveStock", "RESERVATION_CLOSED")
async def reserve_what_was_released(rpc: CatalogRpc) -> None:
    await reserve_stock(rpc)
    await release(rpc)
    await reserve_stock(rpc)


async def test_every_declared_reason_can_happen() -> None:
    service = catalog_pb2.DESCRIPTOR.services_by_name["CatalogService"]
    assert await refusals.provoked() == declared(service)

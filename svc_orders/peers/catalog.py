"""The catalog, as the orders need it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import grpc
import structlog
from shop.catalog.v1 import catalog_pb2

from chassis.errors import NotFound, Unavailable
from chassis.rpc.status import detail_of, reason_of
from chassis.rpc.values import money_of
from svc_orders.messages import product_of
from svc_orders.model.lines import Item, Line
from svc_orders.model.refusals import OrderFailed, OutOfStock, Shortage
from svc_orders.usecases.ports import Product, ReservationClosed

if TYPE_CHECKING:
    from shop.catalog.v1.catalog_pb2_grpc import CatalogServiceAsyncStub

log = structlog.get_logger(__name__)

# Shorter than the lease of an order by far: see usecases.reserve_stock.
TIMEOUT_SECONDS = 5.0
# Of these the outcome is not known, or the answer will be another one: the call is worth repeating.
# Every other status is the answer that the same call would be given again.
TRANSIENT = {
    grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED,
    grpc.StatusCode.CANCELLED,
    grpc.StatusCode.ABORTED,
    # Keys and tokens are renewed.
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.PERMISSION_DENIED,
}


class CatalogPeer:
    """The catalog over gRPC.

    Args:
        catalog: Called as this service, which alone may reserve.
    """

    def __init__(self, catalog: "CatalogServiceAsyncStub") -> None:
        self._catalog = catalog

    async def product(self, product_id: str) -> Product:
        """The product as it is now; a deleted or unknown one as deleted, of version 0."""
        request = catalog_pb2.GetProductRequest(product_id=product_id)
        try:
            answer = await self._catalog.GetProduct(request, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            if reason_of(error) == NotFound.reason:
                return Product(product_id, version=0, deleted=True)
            raise _unavailable() from error
        return product_of(answer.product)

    async def reserve(self, order_id: str, lines: Sequence[Line]) -> Mapping[str, Item]:
        """Reserve all lines or none; see Catalog."""
        request = catalog_pb2.ReserveStockRequest(
            order_id=order_id,
            lines=[
                catalog_pb2.StockLine(product_id=line.product_id, quantity=line.quantity)
                for line in lines
            ],
        )
        try:
            answer = await self._catalog.ReserveStock(request, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise _refusal_of(error) from error
        return {line.product_id: _item_of(line) for line in answer.lines}

    async def release(self, order_id: str, product_ids: Sequence[str]) -> None:
        """Give back what is reserved; see Catalog."""
        request = catalog_pb2.ReleaseStockRequest(order_id=order_id, product_ids=product_ids)
        try:
            await self._catalog.ReleaseStock(request, timeout=TIMEOUT_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise _unavailable() from error


def _refusal_of(error: grpc.aio.AioRpcError) -> Exception:
    """What the use cases act on: a refusal ends the order, Unavailable is tried again."""
    match reason_of(error):
        case OutOfStock.reason:
            detail = detail_of(error, catalog_pb2.OutOfStock)
            return OutOfStock([_shortage_of(line) for line in detail.lines] if detail else [])
        case NotFound.reason:
            return NotFound(error.details() or "")
        case "RESERVATION_CLOSED":
            return ReservationClosed(error.details())
    if error.code() in TRANSIENT:
        return _unavailable()
    log.error("reservation failed", code=error.code().name, details=error.details())
    return OrderFailed("The order could not be made.")


def _unavailable() -> Unavailable:
    return Unavailable("The catalog does not answer; try again.")


def _shortage_of(message: catalog_pb2.StockShortage) -> Shortage:
    return Shortage(message.product_id, message.title, message.requested, message.available)


def _item_of(message: catalog_pb2.ReservedLine) -> Item:
    return Item(message.product_id, message.title, money_of(message.price), message.quantity)

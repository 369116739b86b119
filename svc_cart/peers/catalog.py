"""The catalog, as the cart needs it."""

from typing import TYPE_CHECKING

import grpc
from shop.catalog.v1 import catalog_pb2

from chassis.errors import NotFound, Unavailable
from chassis.rpc.status import reason_of
from svc_cart.messages import product_of
from svc_cart.model.products import Product

if TYPE_CHECKING:
    from shop.catalog.v1.catalog_pb2_grpc import CatalogServiceAsyncStub

PRODUCT_SECONDS = 3.0


class CatalogPeer:
    """The port Catalog over gRPC."""

    def __init__(self, catalog: "CatalogServiceAsyncStub") -> None:
        self._catalog = catalog

    async def get(self, product_id: str) -> Product | None:
        """See Catalog."""
        request = catalog_pb2.GetProductRequest(product_id=product_id)
        try:
            answer = await self._catalog.GetProduct(request, timeout=PRODUCT_SECONDS)
        except grpc.aio.AioRpcError as error:
            if reason_of(error) == NotFound.reason:
                return None
            raise Unavailable("The catalog does not answer; try again.") from error
        return product_of(answer.product)

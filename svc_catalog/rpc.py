"""The catalog over gRPC: message -> use case -> message."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping
from typing import Any

import grpc
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.message import Message
from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc

from chassis.auth.identity import require_user
from chassis.errors import Refusal
from chassis.rpc.values import money_of
from svc_catalog.messages import (
    config_message,
    no_longer_sold_message,
    out_of_stock_message,
    product_message,
    reserved_line_message,
    version_conflict_message,
)
from svc_catalog.model.products import NoLongerSold, ProductFields, VersionConflict
from svc_catalog.model.search import Filters, Sort
from svc_catalog.model.stock import OutOfStock, StockLine
from svc_catalog.usecases.edit_products import Edit, EditProducts
from svc_catalog.usecases.list_products import ListProducts
from svc_catalog.usecases.reserve_stock import ReserveStock
from svc_catalog.usecases.store_images import StoreImages

Context = grpc.aio.ServicerContext[Any, Any]


class CatalogRpc(catalog_pb2_grpc.CatalogServiceServicer):
    """shop.catalog.v1.CatalogService."""

    def __init__(
        self,
        list_products: ListProducts,
        products: EditProducts,
        stock: ReserveStock,
        images: StoreImages,
    ) -> None:
        self._list_products = list_products
        self._products = products
        self._stock = stock
        self._images = images

    async def ListProducts(
        self, request: catalog_pb2.ListProductsRequest, context: Context
    ) -> catalog_pb2.ListProductsResponse:
        """Products that match, with counts by category."""
        page = await self._list_products(
            request.q.strip(),
            _filters(request),
            Sort(request.sort) if request.sort else None,
            request.page_size,
            request.page_token,
        )
        return catalog_pb2.ListProductsResponse(
            products=map(product_message, page.products),
            next_page_token=page.next_page_token,
            total_size=page.total_size,
            facets=catalog_pb2.Facets(
                categories=[
                    catalog_pb2.CategoryCount(category=category, count=count)
                    for category, count in page.categories.items()
                ]
            ),
            search=catalog_pb2.SearchNotes(
                corrected_query=page.corrected_query,
                any_word=page.any_word,
                suggested_categories=page.suggested_categories,
            ),
        )

    async def GetProduct(
        self, request: catalog_pb2.GetProductRequest, context: Context
    ) -> catalog_pb2.GetProductResponse:
        """One product."""
        product = await self._products.get(request.product_id)
        return catalog_pb2.GetProductResponse(product=product_message(product))

    async def GetCatalogConfig(
        self, request: catalog_pb2.GetCatalogConfigRequest, context: Context
    ) -> catalog_pb2.GetCatalogConfigResponse:
        """The currency of the shop."""
        return config_message(self._products.currency)

    async def CreateProduct(
        self, request: catalog_pb2.CreateProductRequest, context: Context
    ) -> catalog_pb2.CreateProductResponse:
        """Adds a product."""
        product = await self._products.create(_fields(request), require_user().id)
        return catalog_pb2.CreateProductResponse(product=product_message(product))

    async def UpdateProduct(
        self, request: catalog_pb2.UpdateProductRequest, context: Context
    ) -> catalog_pb2.UpdateProductResponse:
        """Replaces a product's fields."""
        product = await self._products.update(request.product_id, _fields(request), request.version)
        return catalog_pb2.UpdateProductResponse(product=product_message(product))

    async def EditProduct(
        self, request: catalog_pb2.EditProductRequest, context: Context
    ) -> catalog_pb2.EditProductResponse:
        """Changes some of a product's fields."""
        product = await self._products.edit(request.product_id, _edit(request))
        return catalog_pb2.EditProductResponse(product=product_message(product))

    async def DeleteProduct(
        self, request: catalog_pb2.DeleteProductRequest, context: Context
    ) -> catalog_pb2.DeleteProductResponse:
        """Takes a product out of the shop."""
        await self._products.delete(request.product_id)
        return catalog_pb2.DeleteProductResponse()

    async def UploadImage(
        self, request_iterator: AsyncIterable[catalog_pb2.UploadImageRequest], context: Context
    ) -> catalog_pb2.UploadImageResponse:
        """Takes a picture in pieces."""
        key = await self._images.upload(_chunks(request_iterator))
        return catalog_pb2.UploadImageResponse(image_key=key)

    async def GetImage(self, request: catalog_pb2.GetImageRequest, context: Context) -> HttpBody:
        """A picture in one of its widths."""
        data = await self._images.get(request.image_key, request.file)
        return HttpBody(content_type="image/webp", data=data)

    async def ReserveProduct(
        self, request: catalog_pb2.ReserveProductRequest, context: Context
    ) -> catalog_pb2.ReserveProductResponse:
        """Reserves one product for an order."""
        lines = [StockLine(request.product_id, request.quantity)]
        (line,) = await self._stock.reserve(request.order_id, lines)
        return catalog_pb2.ReserveProductResponse(line=reserved_line_message(line))

    async def ReserveStock(
        self, request: catalog_pb2.ReserveStockRequest, context: Context
    ) -> catalog_pb2.ReserveStockResponse:
        """Reserves all lines of an order or none."""
        lines = [StockLine(line.product_id, line.quantity) for line in request.lines]
        reserved = await self._stock.reserve(request.order_id, lines)
        return catalog_pb2.ReserveStockResponse(lines=map(reserved_line_message, reserved))

    async def ReleaseStock(
        self, request: catalog_pb2.ReleaseStockRequest, context: Context
    ) -> catalog_pb2.ReleaseStockResponse:
        """Gives an order's reservation back and closes it."""
        await self._stock.release(request.order_id, request.product_ids)
        return catalog_pb2.ReleaseStockResponse()


def _filters(request: catalog_pb2.ListProductsRequest) -> Filters:
    return Filters(
        category=request.category,
        min_price=request.min_price if request.HasField("min_price") else None,
        max_price=request.max_price if request.HasField("max_price") else None,
        in_stock=request.in_stock if request.HasField("in_stock") else None,
    )


def _fields(
    request: catalog_pb2.CreateProductRequest | catalog_pb2.UpdateProductRequest,
) -> ProductFields:
    return ProductFields(
        title=request.title,
        description=request.description,
        category=request.category,
        price=money_of(request.price),
        quantity=request.quantity,
        image_key=request.image_key,
        keywords=request.keywords,
    )


def _edit(request: catalog_pb2.EditProductRequest) -> Edit:
    changes: dict[str, Any] = {}
    if request.HasField("title"):
        changes["title"] = request.title
    if request.HasField("description"):
        changes["description"] = request.description
    if request.HasField("category"):
        changes["category"] = request.category
    if request.HasField("keywords"):
        changes["keywords"] = request.keywords
    if request.HasField("price"):
        changes["price"] = money_of(request.price)
    if request.image_key:
        changes["image_key"] = request.image_key
    return Edit(
        changes,
        request.quantity_change,
        request.details_version if request.HasField("details_version") else None,
        request.version if request.HasField("version") else None,
        request.idempotency_key,
    )


async def _chunks(requests: AsyncIterable[catalog_pb2.UploadImageRequest]) -> AsyncIterator[bytes]:
    async for request in requests:
        yield request.chunk


DETAILS: Mapping[type[Refusal], Callable[[Any], Message]] = {
    NoLongerSold: no_longer_sold_message,
    OutOfStock: out_of_stock_message,
    VersionConflict: version_conflict_message,
}

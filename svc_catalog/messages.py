"""The catalog's domain in protobuf."""

from collections.abc import Sequence

from google.protobuf.message import Message
from shop.catalog.v1 import catalog_pb2, events_pb2

from chassis.currencies import Money, currency
from chassis.rpc.values import money_message, timestamp_message
from svc_catalog.model.pictures import WIDTHS
from svc_catalog.model.products import Announcement, NoLongerSold, Product, VersionConflict
from svc_catalog.model.stock import OutOfStock
from svc_catalog.usecases.reserve_stock import ReservedLine

_MIDDLE = WIDTHS[1]


def config_message(code: str) -> catalog_pb2.GetCatalogConfigResponse:
    """What is to know of the currency that everything is sold in."""
    known = currency(code)
    return catalog_pb2.GetCatalogConfigResponse(
        currency=code,
        decimals=known.decimals,
        minimum_total=money_message(Money(known.minimum, code)),
        maximum_total=money_message(Money(known.maximum, code)),
        step=known.step,
    )


def product_message(product: Product) -> catalog_pb2.Product:
    """A product with the addresses of its pictures."""
    fields = product.fields
    return catalog_pb2.Product(
        id=product.id,
        title=fields.title,
        description=fields.description,
        category=fields.category,
        price=money_message(fields.price),
        user_id=product.user_id,
        quantity=fields.quantity,
        available=product.available,
        version=product.version,
        image_url=_address(fields.image_key, _MIDDLE) if fields.image_key else "",
        images=_images(fields.image_key) if fields.image_key else (),
        created_at=timestamp_message(product.created_at),
        details_version=product.details_version,
        keywords=fields.keywords,
    )


def event_message(event: Announcement) -> Message:
    """The event from the product as it is when it is published.

    A deletion changes nothing but the version. So what happened before it is announced
    with the version before it, or consumers could take that for newer than the deletion.
    """
    product = event.product
    if event.topic == "product.deleted":
        return events_pb2.ProductDeleted(product_id=product.id, version=product.version)
    message = product_message(product)
    if product.deleted:
        message.version -= 1
    if event.topic == "product.created":
        return events_pb2.ProductCreated(product=message)
    return events_pb2.ProductUpdated(product=message)


def reserved_line_message(line: ReservedLine) -> catalog_pb2.ReservedLine:
    """A reserved line with the price and title that hold."""
    return catalog_pb2.ReservedLine(
        product_id=line.product.id,
        quantity=line.quantity,
        price=money_message(line.product.fields.price),
        title=line.product.fields.title,
    )


def version_conflict_message(refusal: VersionConflict) -> catalog_pb2.VersionConflict:
    """The detail of VERSION_CONFLICT."""
    return catalog_pb2.VersionConflict(
        current=product_message(refusal.current), fields=refusal.fields
    )


def no_longer_sold_message(refusal: NoLongerSold) -> catalog_pb2.NoLongerSold:
    """The detail of NOT_FOUND for a product that was taken out of the shop."""
    fields = refusal.product.fields
    return catalog_pb2.NoLongerSold(product_title=fields.title, product_category=fields.category)


def out_of_stock_message(refusal: OutOfStock) -> catalog_pb2.OutOfStock:
    """The detail of OUT_OF_STOCK."""
    return catalog_pb2.OutOfStock(
        lines=[
            catalog_pb2.StockShortage(
                product_id=line.product_id,
                title=line.title,
                requested=line.requested,
                available=line.available,
            )
            for line in refusal.lines
        ]
    )


def _images(key: str) -> Sequence[catalog_pb2.Image]:
    return [catalog_pb2.Image(width=width, url=_address(key, width)) for width in WIDTHS]


def _address(key: str, width: int) -> str:
    return f"/media/products/{key}/{width}.webp"

"""Starts the catalog: `python -m svc_catalog`."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from google.protobuf.message import Message
from shop.catalog.v1 import catalog_pb2_grpc
from shop.orders.v1 import orders_pb2_grpc

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.service import Service, run
from svc_catalog.consumers import subscriptions
from svc_catalog.messages import event_message
from svc_catalog.model.products import Announcement
from svc_catalog.peers.minio_images import MinioImageStore
from svc_catalog.peers.orders import OrdersPeer
from svc_catalog.peers.pillow_renderer import PillowRenderer
from svc_catalog.rpc import DETAILS, CatalogRpc
from svc_catalog.settings import Settings
from svc_catalog.store import (
    COLLECTION,
    INDEXES,
    MongoCategoryStore,
    MongoProductStore,
    MongoStockStore,
    product_of,
)
from svc_catalog.usecases.images import Images
from svc_catalog.usecases.products import Products
from svc_catalog.usecases.reconciling import Reconciliation
from svc_catalog.usecases.stock import Stock


def late_event(document: Mapping[str, Any], topic: str) -> Message:
    """The event of `topic` from a product's document as it is when it is published."""
    return event_message(Announcement(topic, product_of(document)))


async def wire(service: Service[Settings]) -> None:
    """Put the catalog together."""
    settings = service.settings
    database = await service.database(INDEXES)
    outbox = service.outbox(COLLECTION, event_message, late=late_event)
    pictures = MinioImageStore(
        settings.s3_url, settings.s3_access_key, settings.s3_secret_key, settings.s3_bucket
    )
    categories = MongoCategoryStore(database)
    await categories.learn()
    products = Products(
        MongoProductStore(database, outbox),
        pictures,
        categories,
        settings.currency,
        utcnow,
        new_id,
    )
    stock_store = MongoStockStore(database, outbox)
    stock = Stock(stock_store, utcnow, new_id)
    orders = OrdersPeer(
        service.stub(orders_pb2_grpc.OrdersServiceStub, settings.orders_url, as_service=True)
    )
    reconciliation = Reconciliation(
        stock_store,
        stock,
        orders,
        clock=utcnow,
        due_after=settings.order_lifetime + settings.reservation_grace,
    )
    images = Images(pictures, PillowRenderer())
    service.serve(
        catalog_pb2_grpc.add_CatalogServiceServicer_to_server,
        CatalogRpc(products, stock, images),
        details=DETAILS,
    )
    service.consume(subscriptions(stock))
    service.every(timedelta(seconds=15), "overdue reservations", reconciliation.settle_overdue)
    service.every(timedelta(seconds=15), "old tombstones", reconciliation.archive)


if __name__ == "__main__":
    run("svc_catalog", Settings, wire)

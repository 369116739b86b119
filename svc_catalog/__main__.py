"""Starts the catalog: `python -m svc_catalog`."""

from datetime import timedelta
from functools import partial

from shop.catalog.v1 import catalog_pb2_grpc
from shop.orders.v1.orders_pb2_grpc import OrdersServiceStub

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.process import StartError
from chassis.service import Service, run
from svc_catalog.consumers import subscriptions
from svc_catalog.messages import event_message
from svc_catalog.peers.minio_images import MinioImageStore
from svc_catalog.peers.orders import OrdersPeer
from svc_catalog.peers.pillow_renderer import PillowRenderer
from svc_catalog.rpc import DETAILS, CatalogRpc
from svc_catalog.settings import Settings, other_currency
from svc_catalog.store import (
    COLLECTION,
    INDEXES,
    MongoCategoryStore,
    MongoProductStore,
    MongoStockStore,
    MongoVocabulary,
    deferred_announcement,
)
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.edit_products import EditProducts
from svc_catalog.usecases.list_products import ListProducts
from svc_catalog.usecases.reconcile import ReconcileReservations
from svc_catalog.usecases.reserve_stock import ReserveStock
from svc_catalog.usecases.search_products import SearchProducts
from svc_catalog.usecases.store_images import StoreImages


async def wire(service: Service[Settings]) -> None:
    """Put the catalog together."""
    settings = service.settings
    database = await service.database(INDEXES)
    outbox = service.outbox(
        COLLECTION,
        event_message,
        encode_deferred=lambda *changed: event_message(deferred_announcement(*changed)),
        gathers=True,
    )
    pictures = MinioImageStore(
        *(settings.s3_url, settings.s3_access_key, settings.s3_secret_key, settings.s3_bucket),
        breaker=service.breaker("s3"),
    )
    categories = MongoCategoryStore(database)
    await categories.learn()
    product_store = MongoProductStore(database, outbox)
    if (there := await product_store.currency()) not in {None, settings.currency}:
        raise StartError(other_currency(settings.currency, str(there)))
    language = settings.search_language
    searching = SearchProducts(MongoVocabulary(database, language), language)
    count = CountProducts(product_store)
    products = EditProducts(
        product_store, pictures, categories, searching, count, settings.currency, utcnow, new_id
    )
    stock_store = MongoStockStore(database, outbox)
    stock = ReserveStock(stock_store, count, utcnow, new_id)
    orders = service.stub(OrdersServiceStub, "svc_orders", settings.orders_url, as_service=True)
    due_after = settings.order_lifetime + settings.reservation_grace
    reconciliation = ReconcileReservations(
        stock_store, stock, OrdersPeer(orders), clock=utcnow, due_after=due_after
    )
    service.serve(
        catalog_pb2_grpc.add_CatalogServiceServicer_to_server,
        CatalogRpc(
            ListProducts(product_store, categories, searching, count),
            products,
            stock,
            StoreImages(pictures, PillowRenderer()),
        ),
        details=DETAILS,
    )
    service.consume(subscriptions(stock))
    service.every(
        timedelta(seconds=15), "search terms", partial(searching.analyse_again, product_store)
    )
    service.every(timedelta(seconds=15), "overdue reservations", reconciliation.settle_overdue)
    service.every(timedelta(seconds=15), "old reservations", reconciliation.archive)


if __name__ == "__main__":
    run("svc_catalog", Settings, wire)

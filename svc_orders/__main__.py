"""Starts the orders service: `python -m svc_orders`."""

import asyncio
from datetime import timedelta

from shop.catalog.v1.catalog_pb2_grpc import CatalogServiceStub
from shop.orders.v1 import orders_pb2_grpc
from shop.payments.v1.payments_pb2_grpc import PaymentsServiceStub

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.mongo.optimistic_locking import PollPolicy
from chassis.outbox.versioned import jittered
from chassis.service import Service, run
from svc_orders.consumers import subscriptions
from svc_orders.messages import event_message
from svc_orders.model.unpaid import Limits
from svc_orders.peers.catalog import CatalogPeer
from svc_orders.peers.payments import PaymentsPeer
from svc_orders.rpc import DETAILS, OrdersRpc, UseCases
from svc_orders.settings import Settings
from svc_orders.store import INDEXES, ORDERS, MongoOrders, MongoProducts, MongoUnpaidOrders
from svc_orders.usecases.cancel_order import CancelOrder
from svc_orders.usecases.create_cart_order import CreateCartOrder
from svc_orders.usecases.create_order import BeginOrder, CreateOrder
from svc_orders.usecases.event_handlers import FollowPayments, FollowProducts
from svc_orders.usecases.queries import QueryOrders
from svc_orders.usecases.reconcile import ReconcilePayments
from svc_orders.usecases.reserve_stock import AdmitOrder, ReserveStock
from svc_orders.usecases.stuck_orders import StuckOrders
from svc_orders.usecases.sweeps import SweepOrders

# A call waits about five seconds for another one with its key.
POLL_POLICY = PollPolicy(polls=100, pause=lambda: asyncio.sleep(0.05))
# What crashes and outages have left undone; the outboxes too are looked through that often.
REPAIRS_EVERY = timedelta(seconds=5)


async def wire(service: Service[Settings]) -> None:
    """Put the service together."""
    settings, clock = service.settings, utcnow
    lifetime = settings.order_lifetime
    database = await service.database(INDEXES)
    orders = MongoOrders(database, service.outbox(ORDERS, event_message))
    products = MongoProducts(database)
    catalog = CatalogPeer(
        service.stub(CatalogServiceStub, "svc_catalog", settings.catalog_url, as_service=True)
    )
    admit = AdmitOrder(
        *(orders, MongoUnpaidOrders(database)),
        limits=Limits(settings.unpaid_orders, settings.unpaid_items),
        of_network=Limits(settings.unpaid_orders_of_network, settings.unpaid_items_of_network),
        pause=jittered,
    )
    reserve = ReserveStock(orders, catalog, admit, clock=clock, lifetime=lifetime)
    begin = BeginOrder(
        orders, products, catalog, reserve, clock=clock, new_id=new_id, poll=POLL_POLICY
    )
    payments = PaymentsPeer(
        service.stub(PaymentsServiceStub, "svc_payments", settings.payments_url, as_service=True)
    )
    follow_payments = FollowPayments(orders, clock=clock)
    reconcile = ReconcilePayments(orders, payments, follow_payments, clock=clock, lifetime=lifetime)
    create = CreateOrder(orders, begin)
    create_of_cart = CreateCartOrder(orders, begin, reserve, reconcile, clock=clock)
    cancel = CancelOrder(orders, reserve, reconcile, clock=clock)
    sweeps = SweepOrders(orders, reserve, clock=clock, lifetime=lifetime)
    stuck = StuckOrders(orders, reserve, reconcile, sweeps, clock=clock)
    read = QueryOrders(orders, clock=clock)
    rpc = OrdersRpc(UseCases(create, create_of_cart, cancel, read, stuck))
    service.serve(orders_pb2_grpc.add_OrdersServiceServicer_to_server, rpc, details=DETAILS)
    service.consume(subscriptions(FollowProducts(products), follow_payments))
    service.scrapes.ask(orders.gauges, lambda: orders.measure(clock()))
    service.every(timedelta(seconds=1), "expiry", reconcile.expire)
    service.every(timedelta(minutes=1), "paid orders", reconcile.confirm)
    service.every(REPAIRS_EVERY, "ended orders", reconcile.report_ends)
    service.every(REPAIRS_EVERY, "abandoned orders", sweeps.finish_abandoned)
    service.every(REPAIRS_EVERY, "due releases", sweeps.release)
    service.every(timedelta(hours=1), "refused orders", sweeps.forget_refused)


if __name__ == "__main__":
    run("svc_orders", Settings, wire)

"""Starts the payments service: `python -m svc_payments`."""

import asyncio
from datetime import timedelta

from shop.orders.v1.orders_pb2_grpc import OrdersServiceStub
from shop.payments.v1 import payments_pb2, payments_pb2_grpc

from chassis.clock import utcnow
from chassis.ids import new_id
from chassis.mongo.optimistic_locking import PollPolicy
from chassis.service import Service, run
from svc_payments.consumers import subscriptions
from svc_payments.messages import event_message
from svc_payments.peers.orders import OrdersPeer
from svc_payments.peers.stripe_api import StripeApi
from svc_payments.peers.webhooks import StripeWebhooks
from svc_payments.rpc import DETAILS, PaymentsRpc, UseCases
from svc_payments.settings import Settings
from svc_payments.store import (
    INDEXES,
    PAYMENTS,
    MongoOrders,
    MongoPayments,
    MongoProcessedEvents,
    MongoTitles,
)
from svc_payments.usecases.create_payment import CreatePayment
from svc_payments.usecases.event_handlers import FollowOrders, FollowProducts, FollowStripe
from svc_payments.usecases.queries import GetPayment, ListOrderPayments
from svc_payments.usecases.reconcile import ReconcileOrders
from svc_payments.usecases.refund_payment import RefundPayment
from svc_payments.usecases.settle_payment import SettlePayment
from svc_payments.usecases.stuck_payments import StuckPayments

# A call waits about five seconds for another one of the same order.
POLL_POLICY = PollPolicy(polls=100, pause=lambda: asyncio.sleep(0.05))


async def wire(service: Service[Settings]) -> None:
    """Put the service together."""
    settings, clock = service.settings, utcnow
    database = await service.database(INDEXES)
    payments = MongoPayments(database, service.outbox(PAYMENTS, event_message))
    orders, titles = MongoOrders(database), MongoTitles(database)
    processor = StripeApi(
        settings.stripe_secret_key,
        url=settings.stripe_url,
        timeout=settings.stripe_timeout,
        repeat_for=settings.repeat_for,
        return_url=settings.stripe_return_url or "",
        breaker=service.breaker("stripe"),
    )
    service.on_stop(processor.close)
    source = OrdersPeer(service.stub(OrdersServiceStub, "svc_orders", settings.orders_url))
    settle = SettlePayment(payments, orders, processor, clock=clock, repeat_for=settings.repeat_for)
    create = CreatePayment(
        payments, orders, source, titles, settle, clock=clock, new_id=new_id, poll=POLL_POLICY
    )
    webhooks = StripeWebhooks(settings.stripe_webhook_secret)
    follow_stripe = FollowStripe(
        payments, processor, webhooks, MongoProcessedEvents(database), settle, clock=clock
    )
    rpc = PaymentsRpc(
        UseCases(
            create,
            GetPayment(payments, settle, clock=clock),
            RefundPayment(payments, settle, clock=clock, new_id=new_id),
            ListOrderPayments(payments, orders),
            ReconcileOrders(payments, clock=clock),
            follow_stripe,
            StuckPayments(payments, settle, clock=clock, undecided_for=2 * settings.repeat_for),
        ),
        payments_pb2.GetPaymentConfigResponse(
            publishable_key=settings.stripe_publishable_key,
            emulator_url=settings.emulator_url,
        ),
    )
    service.serve(payments_pb2_grpc.add_PaymentsServiceServicer_to_server, rpc, details=DETAILS)
    follow_orders = FollowOrders(payments, orders, clock=clock)
    service.consume(subscriptions(follow_orders, FollowProducts(titles)))
    service.scrapes.ask(payments.gauges, lambda: payments.measure(clock()))
    service.every(timedelta(seconds=2), "unsettled payments", settle.sweep)


if __name__ == "__main__":
    run("svc_payments", Settings, wire)

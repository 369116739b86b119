"""Every reason that the contract declares for the RPCs of payments can happen."""

from typing import Any, cast

import pytest
from shop.money.v1 import money_pb2
from shop.payments.v1 import payments_pb2

from chassis.auth.identity import Identity, acting_as
from tests.support.reasons import Refusals, declared
from tests.unit.svc_payments.served import rpc_of
from tests.unit.svc_payments.world import World

pytestmark = pytest.mark.anyio

ANN = Identity("user", id="ann", role="user")
# No method looks at it.
CONTEXT = cast("Any", None)

refusals = Refusals(World)


async def pay(world: World, card: str = "visa", order_id: str = "o1", key: str = "") -> None:
    request = payments_pb2.CreatePaymentRequest(
        order_id=order_id, payment_method_id=card, idempotency_key=key
    )
    with acting_as(ANN):
        await rpc_of(world).CreatePayment(request, CONTEXT)


async def refund(world: World, amount_minor: int = 500, key: str = "k") -> None:
    request = payments_pb2.RefundPaymentRequest(
        payment_id="p001",
        amount=money_pb2.Money(amount_minor=amount_minor, currency="USD"),
        idempotency_key=key,
    )
    await rpc_of(world).RefundPayment(request, CONTEXT)


@refusals.of("CreatePayment", "NOT_FOUND")
async def pay_an_order_that_is_not_there(world: World) -> None:
    world.source.is_away = False
    await pay(world, order_id="ghost")


@refusals.of("CreatePayment", "CARD_DECLINED")
async def pay_with_a_poor_card(world: World) -> None:
    await pay(world, "poor")


@refusals.of("CreatePayment", "ORDER_NOT_PAYABLE")
async def pay_too_late(world: World) -> None:
    await world.end_order()
    await pay(world)


@refusals.of("CreatePayment", "PAYMENT_IN_PROGRESS")
async def pay_while_nobody_knows(world: World) -> None:
    await world.pay_unanswered()
    await pay(world)


@refusals.of("CreatePayment", "IDEMPOTENCY_KEY_REUSED")
async def pay_with_another_card_and_the_same_key(world: World) -> None:
    await pay(world, key="k")
    await pay(world, "poor", key="k")


@refusals.of("GetPayment", "NOT_FOUND")
async def get_what_is_not_there(world: World) -> None:
    with acting_as(ANN):
        request = payments_pb2.GetPaymentRequest(payment_id="ghost")
        await rpc_of(world).GetPayment(request, CONTEXT)


@refusals.of("HandleWebhook", "WEBHOOK_INVALID")
async def deliver_what_is_not_stripes(world: World) -> None:
    request = payments_pb2.HandleWebhookRequest(payload=b"{}", signature="bad")
    await rpc_of(world).HandleWebhook(request, CONTEXT)


@refusals.of("RefundPayment", "NOT_FOUND")
async def refund_what_is_not_there(world: World) -> None:
    await refund(world)


@refusals.of("RefundPayment", "REFUND_NOT_POSSIBLE")
async def refund_more_than_was_paid(world: World) -> None:
    await pay(world)
    await refund(world, 2001)


@refusals.of("RefundPayment", "IDEMPOTENCY_KEY_REUSED")
async def refund_another_amount_with_the_key(world: World) -> None:
    await pay(world)
    await refund(world, 500)
    await refund(world, 600)


@refusals.of("ListOrderPayments", "NOT_FOUND")
async def list_those_of_an_order_that_is_not_there(world: World) -> None:
    request = payments_pb2.ListOrderPaymentsRequest(order_id="ghost")
    await rpc_of(world).ListOrderPayments(request, CONTEXT)


@refusals.of("ReconcilePayment", "NOT_FOUND")
async def settle_what_is_not_there(world: World) -> None:
    request = payments_pb2.ReconcilePaymentRequest(payment_id="ghost")
    await rpc_of(world).ReconcilePayment(request, CONTEXT)


async def test_every_declared_reason_can_happen() -> None:
    service = payments_pb2.DESCRIPTOR.services_by_name["PaymentsService"]
    assert await refusals.provoked() == declared(service)

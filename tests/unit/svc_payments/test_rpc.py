"""The RPCs of payments, called with messages."""

from typing import Any, cast

import pytest
from shop.money.v1 import money_pb2
from shop.payments.v1 import payments_pb2

from chassis.auth.identity import Identity, acting_as
from chassis.currencies import Money
from chassis.errors import InvalidField, NotFound
from svc_payments.model.refusals import CardDeclined, IdempotencyKeyReused, WebhookInvalid
from svc_payments.rpc import DETAILS, PaymentsRpc
from tests.unit.svc_payments.fakes import delivery
from tests.unit.svc_payments.served import rpc_of
from tests.unit.svc_payments.world import NOON, World

pytestmark = pytest.mark.anyio

ANN = Identity("user", id="ann", role="user")
BEN = Identity("user", id="ben", role="user")
# No method looks at it.
CONTEXT = cast("Any", None)
CONFIG = payments_pb2.GetPaymentConfigResponse(publishable_key="pk", emulator_url="http://stripe")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def rpc(world: World) -> PaymentsRpc:
    return rpc_of(world, CONFIG)


async def pay(
    rpc: PaymentsRpc, card: str = "visa", key: str = "", who: Identity = ANN
) -> payments_pb2.CreatePaymentResponse:
    request = payments_pb2.CreatePaymentRequest(
        order_id="o1", payment_method_id=card, idempotency_key=key
    )
    with acting_as(who):
        return await rpc.CreatePayment(request, CONTEXT)


async def test_a_payment_is_answered_whole(rpc: PaymentsRpc) -> None:
    answer = await pay(rpc)
    payment = answer.payment
    assert (payment.id, payment.order_id, payment.stripe_id) == ("p001", "o1", "pi_1")
    assert payment.status == payments_pb2.PAYMENT_STATUS_SUCCEEDED
    assert (payment.amount.amount_minor, payment.amount.currency) == (2000, "USD")
    assert (payment.refunded.amount_minor, payment.refunded.currency) == (0, "USD")
    assert payment.created_at.ToSeconds() == int(NOON.timestamp())
    assert (answer.requires_action, answer.client_secret, answer.action_url) == (False, "", "")


async def test_a_confirmation_comes_with_what_it_takes(rpc: PaymentsRpc, world: World) -> None:
    answer = await pay(rpc, "secure")
    assert answer.payment.status == payments_pb2.PAYMENT_STATUS_REQUIRES_ACTION
    assert answer.requires_action
    assert (answer.client_secret, answer.action_url) == ("pi_1_secret", "https://bank/pi_1")
    world.stripe.answer_challenge("pi_1", passed=True)
    after = await pay(rpc, "secure")
    assert (after.requires_action, after.client_secret) == (False, "")


async def test_a_token_is_a_card_too(rpc: PaymentsRpc, world: World) -> None:
    with acting_as(ANN):
        await rpc.CreatePayment(
            payments_pb2.CreatePaymentRequest(order_id="o1", token="visa"), CONTEXT
        )
    assert world.only().card.kind == "token"


@pytest.mark.parametrize(
    ("card", "kind"),
    [
        ({"token": "pm_card_visa"}, "payment_method_id"),
        ({"payment_method_id": "tok_visa"}, "token"),
    ],
)
async def test_stripes_prefix_says_what_a_card_is(
    rpc: PaymentsRpc, world: World, card: dict[str, str], kind: str
) -> None:
    request = payments_pb2.CreatePaymentRequest(order_id="o1", **card)
    with acting_as(ANN):
        await rpc.CreatePayment(request, CONTEXT)
    assert world.only().card.kind == kind


async def test_a_card_is_required(rpc: PaymentsRpc) -> None:
    with acting_as(ANN), pytest.raises(InvalidField) as refused:
        await rpc.CreatePayment(payments_pb2.CreatePaymentRequest(order_id="o1"), CONTEXT)
    assert refused.value.field == "token"


async def test_a_decline_is_detailed(rpc: PaymentsRpc) -> None:
    with pytest.raises(CardDeclined) as refused:
        await pay(rpc, "poor")
    assert DETAILS[CardDeclined](refused.value) == payments_pb2.CardDeclined(
        decline_code="insufficient_funds", payment_id="p001"
    )
    with acting_as(ANN):
        got = await rpc.GetPayment(payments_pb2.GetPaymentRequest(payment_id="p001"), CONTEXT)
    assert got.payment.decline_code == "insufficient_funds"
    assert got.payment.status == payments_pb2.PAYMENT_STATUS_FAILED


async def test_the_key_comes_with_the_request(rpc: PaymentsRpc) -> None:
    await pay(rpc, key="k")
    with pytest.raises(IdempotencyKeyReused):
        await pay(rpc, "poor", key="k")


async def test_orders_and_payments_are_their_owners(rpc: PaymentsRpc) -> None:
    with pytest.raises(NotFound):
        await pay(rpc, who=BEN)
    await pay(rpc)
    with acting_as(BEN), pytest.raises(NotFound):
        await rpc.GetPayment(payments_pb2.GetPaymentRequest(payment_id="p001"), CONTEXT)


async def test_refunds(rpc: PaymentsRpc) -> None:
    await pay(rpc)
    part = await rpc.RefundPayment(
        payments_pb2.RefundPaymentRequest(
            payment_id="p001",
            amount=money_pb2.Money(amount_minor=500, currency="USD"),
            idempotency_key="k",
        ),
        CONTEXT,
    )
    assert part.payment.refunded.amount_minor == 500
    rest = await rpc.RefundPayment(
        payments_pb2.RefundPaymentRequest(payment_id="p001", restock=True), CONTEXT
    )
    assert rest.payment.status == payments_pb2.PAYMENT_STATUS_REFUNDED
    assert rest.payment.refunded.amount_minor == 2000


async def test_pages_learn_how_to_take_cards(rpc: PaymentsRpc) -> None:
    assert await rpc.GetPaymentConfig(payments_pb2.GetPaymentConfigRequest(), CONTEXT) == CONFIG


async def test_webhooks(rpc: PaymentsRpc, world: World) -> None:
    await pay(rpc, "secure")
    world.stripe.answer_challenge("pi_1", passed=True)
    body = delivery("evt", "pi_1")
    with pytest.raises(WebhookInvalid):
        await rpc.HandleWebhook(
            payments_pb2.HandleWebhookRequest(payload=body, signature="bad"), CONTEXT
        )
    await rpc.HandleWebhook(
        payments_pb2.HandleWebhookRequest(payload=body, signature="good"), CONTEXT
    )
    assert world.only().status == "succeeded"


async def test_an_admin_sees_an_orders_payments(rpc: PaymentsRpc, world: World) -> None:
    await pay(rpc)
    await world.process.refund("p001", Money(500, "USD"), restock=False, key="k")
    request = payments_pb2.ListOrderPaymentsRequest(order_id="o1")
    [record] = (await rpc.ListOrderPayments(request, CONTEXT)).payments
    assert (record.payment.stripe_id, record.card) == ("pi_1", "visa")
    assert record.payment.refunded.amount_minor == 500
    assert record.refundable.amount_minor == 1500
    [refund] = record.refunds
    assert (refund.amount.amount_minor, refund.restock) == (500, False)
    assert refund.status == payments_pb2.REFUND_STATUS_SUCCEEDED


async def test_an_unpaid_order_has_no_payments_and_an_unknown_one_is_refused(
    rpc: PaymentsRpc,
) -> None:
    request = payments_pb2.ListOrderPaymentsRequest(order_id="o1")
    assert not (await rpc.ListOrderPayments(request, CONTEXT)).payments
    with pytest.raises(NotFound):
        await rpc.ListOrderPayments(
            payments_pb2.ListOrderPaymentsRequest(order_id="ghost"), CONTEXT
        )


async def test_the_orders_hear_of_their_money(rpc: PaymentsRpc, world: World) -> None:
    async def reconciled(**ended: bool) -> payments_pb2.ReconciledOrder:
        asked = payments_pb2.OrderToReconcile(order_id="o1", **ended)
        request = payments_pb2.ReconcileOrdersRequest(orders=[asked])
        [order] = (await rpc.ReconcileOrders(request, CONTEXT)).orders
        return order

    none = await reconciled()
    assert (none.money, none.payment_id) == (payments_pb2.ORDER_MONEY_NONE, "")
    await pay(rpc, "secure")
    assert (await reconciled()).money == payments_pb2.ORDER_MONEY_OPEN
    world.stripe.answer_challenge("pi_1", passed=True)
    await world.sweep(seconds=31)
    captured = await reconciled(has_ended=True, was_completed=True)
    assert captured.order_id == "o1"
    assert (captured.money, captured.payment_id) == (payments_pb2.ORDER_MONEY_CAPTURED, "p001")
    await world.sweep()
    assert (await reconciled()).money == payments_pb2.ORDER_MONEY_REFUNDED

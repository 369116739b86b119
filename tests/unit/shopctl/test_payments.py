"""Commands about payments: what they ask, and what they print."""

import pytest
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.payments.v1 import payments_pb2

from tests.unit.shopctl.conftest import Run, Shop

PAID = payments_pb2.Payment(
    id="m1",
    order_id="o1",
    status=payments_pb2.PAYMENT_STATUS_SUCCEEDED,
    amount=money_pb2.Money(amount_minor=5000, currency="USD"),
)
USD = catalog_pb2.GetCatalogConfigResponse(currency="USD", decimals=2)

pytestmark = pytest.mark.usefixtures("profile")


def test_payments_of_an_order_are_listed_with_their_refunds(shop: Shop, run: Run) -> None:
    running = run("payments", "list", "o1")
    refund = payments_pb2.Refund(id="r1", status=payments_pb2.REFUND_STATUS_PENDING)
    record = payments_pb2.PaymentRecord(payment=PAID, refunds=[refund])
    answer = payments_pb2.ListOrderPaymentsResponse(payments=[record])
    assert shop.answer("ListOrderPayments", answer).order_id == "o1"
    _, payment, _, refunded = running.end().out.splitlines()
    assert payment.split()[:3] == ["m1", "succeeded", "$50.00"]
    assert refunded.split()[:3] == ["r1", "m1", "pending"]


def test_payments_are_listed_as_the_rest_api_writes_them(shop: Shop, run: Run) -> None:
    running = run("payments", "list", "o1", "-o", "json")
    record = payments_pb2.PaymentRecord(payment=PAID)
    shop.answer("ListOrderPayments", payments_pb2.ListOrderPaymentsResponse(payments=[record]))
    assert running.end().json["payments"][0]["payment"]["status"] == "succeeded"


def test_a_part_is_given_back_once(shop: Shop, run: Run) -> None:
    running = run("payments", "refund", "m1", "--amount", "5.00", "--key", "k", "--yes")
    shop.answer("GetCatalogConfig", USD)
    request = shop.answer("RefundPayment", payments_pb2.RefundPaymentResponse(payment=PAID))
    assert (request.payment_id, request.amount.amount_minor) == ("m1", 500)
    assert (request.idempotency_key, request.restock) == ("k", False)
    assert running.end().code == 0


def test_all_is_given_back_with_a_key_of_its_own(shop: Shop, run: Run) -> None:
    running = run("payments", "refund", "m1", "--restock", "--yes")
    request = shop.answer("RefundPayment", payments_pb2.RefundPaymentResponse(payment=PAID))
    assert not request.HasField("amount")
    assert request.restock
    assert request.idempotency_key
    assert running.end().code == 0


def test_nothing_is_given_back_unless_someone_says_so(run: Run) -> None:
    assert run("payments", "refund", "m1").end().code == 2

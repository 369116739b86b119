"""Gives the demo shopper a history: orders that were paid, one that was not wanted any more."""

from collections.abc import Mapping
from dataclasses import dataclass

from shop.orders.v1 import orders_pb2, orders_pb2_grpc
from shop.payments.v1 import payments_pb2, payments_pb2_grpc

SECONDS = 20.0
CARD = "pm_card_visa"


@dataclass(frozen=True)
class PastOrder:
    """An order of the demo shopper.

    Attributes:
        key: Its idempotency key: the same order is not placed twice.
        lines: How many of each product, by slug.
        is_paid: It was paid; otherwise it was cancelled.
    """

    key: str
    lines: Mapping[str, int]
    is_paid: bool = True


HISTORY = (
    PastOrder("demo-1", {"ridgeline-stoneware-mug": 4, "slow-pour-kettle": 1}),
    PastOrder("demo-2", {"terrace-rubber-plant": 1}, is_paid=False),
    PastOrder("demo-3", {"highland-wool-blanket": 1, "washed-linen-cushion": 2}),
    PastOrder("demo-4", {"chanterelle-table-lamp": 1}),
)


def place_orders(
    orders: orders_pb2_grpc.OrdersServiceStub,
    payments: payments_pb2_grpc.PaymentsServiceStub,
    token: str,
    products: Mapping[str, str],
) -> None:
    """Place those of the history that are not there, for the shopper whose `token` it is.

    `products` has the id of each product, by slug.
    """
    metadata = (("authorization", f"Bearer {token}"),)
    listed = orders.ListOrders(orders_pb2.ListOrdersRequest(), timeout=SECONDS, metadata=metadata)
    if listed.total_size >= len(HISTORY):
        return
    # Those that a start that was cut short did place are found again by their keys.
    for past in HISTORY:
        request = orders_pb2.CreateOrderRequest(
            items=[
                orders_pb2.OrderLine(product_id=products[slug], quantity=quantity)
                for slug, quantity in past.lines.items()
            ],
            idempotency_key=past.key,
        )
        order = orders.CreateOrder(request, timeout=SECONDS, metadata=metadata).order
        if order.status != orders_pb2.ORDER_STATUS_PENDING:
            continue
        if past.is_paid:
            payments.CreatePayment(
                payments_pb2.CreatePaymentRequest(
                    order_id=order.id, payment_method_id=CARD, idempotency_key=past.key
                ),
                timeout=SECONDS,
                metadata=metadata,
            )
        else:
            orders.CancelOrder(
                orders_pb2.CancelOrderRequest(order_id=order.id),
                timeout=SECONDS,
                metadata=metadata,
            )

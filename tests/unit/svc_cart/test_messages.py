"""What the world is told of a cart."""

from google.protobuf.timestamp_pb2 import Timestamp
from shop.cart.v1 import events_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from svc_cart.messages import event_message
from svc_cart.model.checkouts import CartCheckedOut
from tests.unit.svc_cart.samples import NOON, order


def test_a_cart_that_became_an_order() -> None:
    def cents(amount_minor: int) -> money_pb2.Money:
        return money_pb2.Money(amount_minor=amount_minor, currency="USD")

    assert event_message(CartCheckedOut("c1", 4, "u1", order(number="4821-5539-0714"), NOON)) == (
        events_pb2.CartCheckedOut(
            cart_id="c1",
            version=4,
            user_id="u1",
            order_id="o1",
            order_number="4821-5539-0714",
            items=[
                orders_pb2.OrderItem(product_id="lamp", title="Lamp", price=cents(1000), quantity=2)
            ],
            total=cents(2000),
            checked_out_at=Timestamp(seconds=int(NOON.timestamp())),
        )
    )

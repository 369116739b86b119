"""One purchase is one trace, from the browser to the last consumer and to the socket."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.support.fixtures import signed_up
from tests.support.otlp import Receiver, Span, orphans, receiving, tree
from tests.support.people import Admin, Json, Shop, eventually, ok
from tests.support.running import empty_shop, running_shop
from tests.support.sockets import live

TRACE, BROWSER = secrets.token_hex(16), secrets.token_hex(8)
CARD = "pm_card_visa"
MANY = 12
PATIENCE_SECONDS = 90.0
# What ends the story: who buys hears of it, and the shelves are as they are now.
LAST = {
    ("svc_cart", "process order.completed"),
    ("svc_notify", "process order.completed"),
    ("svc_catalog", "process payment.created"),
    ("svc_orders", "process product.updated"),
}


@dataclass
class Purchase:
    """A purchase of three things, and all that it has caused."""

    receiver: Receiver
    messages: list[Json]
    secrets: list[str]
    spans: list[Span] = field(default_factory=list)

    def way_to(self, process: str, name: str) -> list[tuple[str, str]]:
        """Process and name of a span's ancestors and of itself, the first one first."""
        by_id = {span.span_id: span for span in self.spans}
        at = next(each for each in self.spans if (each.process, each.name) == (process, name))
        way = [at]
        while at.parent_id in by_id:
            at = by_id[at.parent_id]
            way.insert(0, at)
        return [(each.process, each.name) for each in way]


@pytest.fixture(scope="module")
def purchase(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Purchase]:
    """The purchase, in a shop of its own: all others go without spans, as most shops do."""
    with receiving() as receiver:
        settings = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.url,
            "OTEL_TRACES_SAMPLER_ARG": "1",
            "OTEL_BSP_SCHEDULE_DELAY": "200",
        }
        data = empty_shop(tmp_path_factory.mktemp("traced") / "data")
        with running_shop(data, settings) as shop:
            bought = buy(shop, receiver)
            eventually(lambda: missing(receiver), lambda left: not left, PATIENCE_SECONDS)
            # What is under way ends with the processes, and is exported before they do.
        bought.spans = receiver.trace(TRACE)
        yield bought


def buy(shop: Shop, receiver: Receiver) -> Purchase:
    """Buy three things; a traceparent goes with each request, as from a browser that traces."""
    with shop.visitor() as admins, signed_up(shop) as who:
        admin = Admin(admins)
        login = shop.ready["logins"]["admin"]
        admin.sign_in(login["email"], login["password"])
        with ThreadPoolExecutor(MANY) as at_once:
            things = list(at_once.map(lambda _: admin.add_product(quantity=5), range(MANY)))
        with live(shop, who) as socket:
            socket.until("ready")
            who.client.headers["traceparent"] = f"00-{TRACE}-{BROWSER}-01"
            for thing in things[:3]:
                who.put_in_cart(thing["id"])
            order = who.check_out()
            ok(who.pay(order, CARD), 201)
            del who.client.headers["traceparent"]
            socket.until("order.completed", orderId=order["id"])
            seen = socket.seen
        hidden = [*who.client.cookies.values(), who.user["email"], login["password"], CARD]
        return Purchase(receiver, seen, [*hidden, "correct horse"])


def missing(receiver: Receiver) -> set[tuple[str, str]]:
    """What has not ended yet."""
    return LAST - {(span.process, span.name) for span in receiver.trace(TRACE)}


def test_all_of_it_is_one_trace_without_a_gap(purchase: Purchase) -> None:
    outside = {span.parent_id for span in orphans(purchase.spans)}
    assert outside == {BROWSER}, tree(purchase.spans)
    first = [span for span in purchase.spans if span.parent_id == BROWSER]
    assert [(span.process, span.name) for span in first] == [
        *[("gateway", "POST /api/cart/add")] * 3,
        ("gateway", "POST /api/cart/checkout"),
        ("gateway", "POST /api/payments"),
    ]


CHECKOUT = [
    ("gateway", "POST /api/cart/checkout"),
    ("gateway", "shop.cart.v1.CartService/Checkout"),
    ("svc_cart", "shop.cart.v1.CartService/Checkout"),
]
PAYMENT = [
    ("gateway", "POST /api/payments"),
    ("gateway", "shop.payments.v1.PaymentsService/CreatePayment"),
    ("svc_payments", "shop.payments.v1.PaymentsService/CreatePayment"),
]
ORDER = [
    ("svc_cart", "shop.orders.v1.OrdersService/CreateCartOrder"),
    ("svc_orders", "shop.orders.v1.OrdersService/CreateCartOrder"),
]
RESERVATION = [
    ("svc_orders", "shop.catalog.v1.CatalogService/ReserveStock"),
    ("svc_catalog", "shop.catalog.v1.CatalogService/ReserveStock"),
]
PAID = [
    ("svc_payments", "send payment.created"),
    ("svc_orders", "process payment.created"),
    ("svc_orders", "send order.completed"),
]


@pytest.mark.parametrize(
    "way",
    [
        [*CHECKOUT, ("svc_cart", "findAndModify carts")],
        [*CHECKOUT, *ORDER, ("svc_orders", "insert orders")],
        [*CHECKOUT, *ORDER, *RESERVATION, ("svc_catalog", "findAndModify products")],
        [
            *CHECKOUT,
            *ORDER,
            ("svc_orders", "send order.created"),
            ("svc_payments", "process order.created"),
        ],
        [*PAYMENT, ("svc_payments", "insert payments")],
        # Stripe.
        [*PAYMENT, ("svc_payments", "POST")],
        [*PAYMENT, *PAID, ("svc_cart", "process order.completed")],
        [*PAYMENT, *PAID, ("svc_notify", "process order.completed")],
        [
            *PAYMENT,
            ("svc_payments", "send payment.created"),
            ("svc_catalog", "process payment.created"),
        ],
    ],
    ids=lambda way: ": ".join(way[-1]),
)
def test_each_step_is_caused_by_the_one_before(
    purchase: Purchase, way: list[tuple[str, str]]
) -> None:
    assert purchase.way_to(*way[-1]) == way


def test_what_a_socket_is_sent_goes_on_in_the_trace(purchase: Purchase) -> None:
    by_id = {span.span_id: span for span in purchase.spans}
    sent = [span for span in purchase.spans if span.name == "send to user"]
    causes = {by_id[span.parent_id].name for span in sent}
    assert causes >= {"process order.created", "process order.completed"}
    heard = [each for each in purchase.messages if each["type"] == "order.completed"]
    contexts = [each["traceparent"].split("-") for each in heard]
    assert [(trace, by_id[span].name) for _, trace, span, _ in contexts] == [
        (TRACE, "process order.completed")
    ]


def test_what_serves_many_at_once_points_at_spans_that_are_there(purchase: Purchase) -> None:
    spans = purchase.receiver.spans()
    there = {(span.trace_id, span.span_id) for span in spans}
    pointing = [span for span in spans if span.links]
    # Of products that appear in one moment most are published together.
    assert ("svc_catalog", "send") in {(span.process, span.name) for span in pointing}
    assert {link for span in pointing for link in span.links} - there == set()


def test_a_span_says_what_it_is_about_by_the_conventions(purchase: Purchase) -> None:
    said = {(span.process, span.name): span.attributes for span in purchase.spans}
    request = said["gateway", "POST /api/payments"]
    assert request["http.route"] == "/api/payments"
    assert request["http.response.status_code"] == 201
    call = said["svc_payments", "shop.payments.v1.PaymentsService/CreatePayment"]
    assert (call["rpc.system"], call["rpc.grpc.status_code"]) == ("grpc", 0)
    assert said["svc_orders", "insert orders"]["db.system.name"] == "mongodb"
    event = said["svc_cart", "process order.completed"]
    assert event["messaging.system"] == "kafka"
    assert event["messaging.consumer.group.name"] == "cart-order-completed"
    assert said["svc_payments", "POST"]["http.response.status_code"] == 200


def test_nothing_that_was_sent_is_exported(purchase: Purchase) -> None:
    exported = "\n".join(map(str, purchase.receiver.spans()))
    assert [secret for secret in purchase.secrets if secret in exported] == []

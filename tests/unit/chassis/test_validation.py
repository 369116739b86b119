import pytest
from google.protobuf.message import Message
from shop.auth.v1 import auth_pb2
from shop.cart.v1 import cart_pb2
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2
from shop.payments.v1 import payments_pb2

from chassis.contract.validation import violations

MONEY = money_pb2.Money(amount_minor=100, currency="USD")


@pytest.mark.parametrize(
    ("message", "field", "text"),
    [
        (cart_pb2.AddItemRequest(quantity=1), "product_id", "is required"),
        (
            cart_pb2.AddItemRequest(product_id="p"),
            "quantity",
            "is required and must be at least 1",
        ),
        (cart_pb2.AddItemRequest(product_id="p", quantity=-1), "quantity", "must be at least 1"),
        (cart_pb2.AddItemRequest(product_id="p", quantity=100), "quantity", "must be at most 99"),
        (
            cart_pb2.AddItemRequest(product_id="p" * 65, quantity=1),
            "product_id",
            "must be at most 64 characters long",
        ),
        (
            cart_pb2.AddItemRequest(product_id="a\0b", quantity=1),
            "product_id",
            "must not contain a NUL character",
        ),
        *(
            (
                catalog_pb2.CreateProductRequest(title=f"a{hidden}b", category="c", price=MONEY),
                "title",
                f"must not contain the character U+{ord(hidden):04X}, which cannot be seen",
            )
            for hidden in "\x01\x1b\n\t\x85\u00ad\u200b\u200f\u202e\u2028\ue000\U000e0041"
        ),
        (
            auth_pb2.UpdateProfileRequest(address="1 Road\n\u202eTown"),
            "address",
            "must not contain the character U+202E, which cannot be seen",
        ),
        (
            auth_pb2.SignUpRequest(email="nobody", password="longenough"),
            "email",
            "must be an email address such as ada@example.com",
        ),
        (
            auth_pb2.SignUpRequest(email="a@b.co\n", password="longenough"),
            "email",
            "must be an email address such as ada@example.com",
        ),
        (
            catalog_pb2.ListProductsRequest(sort="price\n"),
            "sort",
            "must be one of: relevance, newest, price, -price, title",
        ),
        (
            auth_pb2.SignUpRequest(email="a@b.co", password="short"),
            "password",
            "must be at least 8 characters long",
        ),
        (auth_pb2.SetUserRoleRequest(user_id="u"), "role", "is required"),
        (
            auth_pb2.SetUserRoleRequest(user_id="u", role=7),  # type: ignore[arg-type]
            "role",
            "is not a known value",
        ),
        (orders_pb2.CreateOrderRequest(), "items", "must have at least 1 item(s)"),
        (
            orders_pb2.CreateOrderRequest(
                items=[
                    orders_pb2.OrderLine(product_id="p", quantity=1),
                    orders_pb2.OrderLine(product_id="q", quantity=100),
                ]
            ),
            "items[1].quantity",
            "must be at most 99",
        ),
        (
            catalog_pb2.CreateProductRequest(title="t", category="c"),
            "price",
            "is required",
        ),
        (
            catalog_pb2.CreateProductRequest(
                title="t", category="c", price=money_pb2.Money(amount_minor=-1, currency="USD")
            ),
            "price.amount_minor",
            "must be at least 0",
        ),
        (
            catalog_pb2.CreateProductRequest(
                title="t", category="c", price=money_pb2.Money(amount_minor=1, currency="usd")
            ),
            "price.currency",
            "must be a currency code such as USD",
        ),
        (
            payments_pb2.CreatePaymentRequest(order_id="o", token=""),
            "token",
            "must be at least 1 characters long",
        ),
        (
            catalog_pb2.ListProductsRequest(min_price=-1),
            "min_price",
            "must be at least 0",
        ),
    ],
)
def test_a_broken_rule_names_its_field(message: Message, field: str, text: str) -> None:
    assert violations(message) == [(field, text)]


@pytest.mark.parametrize(
    "message",
    [
        cart_pb2.AddItemRequest(product_id="p", quantity=99),
        auth_pb2.UpdateProfileRequest(),
        auth_pb2.UpdateProfileRequest(phone=""),
        catalog_pb2.ListProductsRequest(),
        catalog_pb2.CreateProductRequest(title="t", category="c", price=MONEY),
        payments_pb2.RefundPaymentRequest(payment_id="p"),
    ],
)
def test_a_sound_message_breaks_nothing(message: Message) -> None:
    assert violations(message) == []


def test_all_broken_rules_are_named() -> None:
    found = violations(auth_pb2.SignUpRequest())
    assert found == [("email", "is required"), ("password", "is required")]


@pytest.mark.parametrize(
    "message",
    [
        auth_pb2.UpdateProfileRequest(name="नमस्\u200dते 👩\u200d🚀 می\u200cخواهم"),
        auth_pb2.UpdateProfileRequest(name="שלום", address="1 Road\r\n\tTown"),
        auth_pb2.SignInRequest(email="a\u200bb@c.de", password="pass\tword\u00ad"),
        catalog_pb2.ListProductsRequest(q="lamp\u200f"),
        auth_pb2.SignInRequest(email="a@b.co", password="p" * 8, user_agent="x\x1b\u00ad"),
    ],
)
def test_what_people_need_or_nobody_sees_is_taken(message: Message) -> None:
    assert violations(message) == []


@pytest.mark.parametrize("phone", ["", "+1 (555) 010-0200 ext. 12", "555 x8", "555 #8", "٠٢٠ ٧٩٤٦"])
def test_phone_numbers_are_of_the_form_in_any_script(phone: str) -> None:
    assert violations(auth_pb2.UpdateProfileRequest(phone=phone)) == []
    assert violations(auth_pb2.SignUpRequest(email="a@b.co", password="p" * 8, phone=phone)) == []


@pytest.mark.parametrize("phone", ["call me", "example", "<b>1</b>", "555 extra"])
def test_words_are_no_phone_number(phone: str) -> None:
    assert [field for field, _ in violations(auth_pb2.UpdateProfileRequest(phone=phone))] == [
        "phone"
    ]

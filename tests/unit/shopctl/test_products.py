"""Commands about products: what they ask, and what they print."""

import grpc
import pytest
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2

from shopctl.profile import Profile
from tests.unit.shopctl.conftest import Run, Shop

LAMP = catalog_pb2.Product(
    id="p1",
    title="Lamp",
    category="Lighting",
    price=money_pb2.Money(amount_minor=1999, currency="USD"),
    quantity=7,
    available=5,
)
USD = catalog_pb2.GetCatalogConfigResponse(currency="USD", decimals=2)
JPY = catalog_pb2.GetCatalogConfigResponse(currency="JPY", decimals=0)

pytestmark = pytest.mark.usefixtures("profile")


def test_products_are_listed_in_a_table(shop: Shop, run: Run) -> None:
    running = run("products", "list", "lamp", "--category", "Lighting", "--in-stock")
    answer = catalog_pb2.ListProductsResponse(products=[LAMP], total_size=9)
    request = shop.answer("ListProducts", answer)
    assert (request.q, request.category, request.in_stock) == ("lamp", "Lighting", True)
    assert request.page_size == 24
    assert shop.metadata["authorization"] == "Bearer the-token"
    head, row, count = running.end().out.splitlines()
    assert head.split() == ["ID", "TITLE", "CATEGORY", "PRICE", "AVAILABLE", "STOCK"]
    assert row.split() == ["p1", "Lamp", "Lighting", "$19.99", "5", "7"]
    assert count == "1 of 9 products; more with --limit"


def test_products_are_listed_as_the_rest_api_writes_them(shop: Shop, run: Run) -> None:
    running = run("products", "list", "--output", "json")
    shop.answer("ListProducts", catalog_pb2.ListProductsResponse(products=[LAMP], total_size=1))
    found = running.end().json
    assert found["totalSize"] == 1
    assert found["products"][0]["price"] == {"amountMinor": 1999, "currency": "USD"}


def test_as_many_pages_are_read_as_the_limit_takes(shop: Shop, run: Run) -> None:
    running = run("products", "list", "--limit", "102", "-o", "json")
    page = [catalog_pb2.Product(id=f"p{number}") for number in range(100)]
    first = catalog_pb2.ListProductsResponse(products=page, next_page_token="more", total_size=200)
    assert shop.answer("ListProducts", first).page_size == 100
    second = shop.answer(
        "ListProducts", catalog_pb2.ListProductsResponse(products=page[:2], next_page_token="x")
    )
    assert (second.page_token, second.page_size) == ("more", 2)
    assert len(running.end().json["products"]) == 102


def test_a_product_is_shown(shop: Shop, run: Run) -> None:
    running = run("products", "show", "p1")
    answer = catalog_pb2.GetProductResponse(product=LAMP)
    assert shop.answer("GetProduct", answer).product_id == "p1"
    assert "Lighting" in running.end().out


def test_a_product_is_added_at_a_price_as_people_write_it(shop: Shop, run: Run) -> None:
    running = run(
        *("products", "create", "--title", "Lamp", "--category", "Lighting"),
        *("--price", "19.99", "--stock", "7", "-o", "json"),
    )
    shop.answer("GetCatalogConfig", USD)
    answer = catalog_pb2.CreateProductResponse(product=LAMP)
    request = shop.answer("CreateProduct", answer)
    assert (request.price.amount_minor, request.price.currency) == (1999, "USD")
    assert (request.title, request.quantity) == ("Lamp", 7)
    assert running.end().json["product"]["id"] == "p1"


@pytest.mark.parametrize(
    ("price", "config"), [("12.345", USD), ("1.5", JPY), ("a lot", USD), ("Infinity", USD)]
)
def test_a_price_that_the_currency_does_not_have_is_refused(
    shop: Shop, run: Run, price: str, config: catalog_pb2.GetCatalogConfigResponse
) -> None:
    running = run("products", "update", "p1", "--price", price)
    shop.answer("GetCatalogConfig", config)
    ended = running.end()
    assert ended.code == 2
    assert config.currency in ended.err


def test_only_what_is_given_is_changed(shop: Shop, run: Run) -> None:
    running = run("products", "update", "p1", "--title", "Lamp")
    request = shop.answer("EditProduct", catalog_pb2.EditProductResponse(product=LAMP))
    assert {field.name for field, _ in request.ListFields()} == {"product_id", "title"}
    assert running.end().code == 0


def test_nothing_to_change_is_a_wrong_usage(run: Run) -> None:
    assert run("products", "update", "p1").end().code == 2


def test_stock_is_changed_by_a_difference(shop: Shop, run: Run) -> None:
    running = run("products", "stock", "p1", "--", "-3")
    request = shop.answer("EditProduct", catalog_pb2.EditProductResponse(product=LAMP))
    assert (request.product_id, request.quantity_change) == ("p1", -3)
    assert running.end().code == 0


def test_a_product_is_not_deleted_unless_someone_says_so(run: Run) -> None:
    ended = run("products", "delete", "p1").end()
    assert ended.code == 2
    assert "--yes" in ended.err


def test_a_product_is_deleted(shop: Shop, run: Run) -> None:
    running = run("products", "delete", "p1", "--yes")
    request = shop.answer("DeleteProduct", catalog_pb2.DeleteProductResponse())
    assert request.product_id == "p1"
    assert running.end().code == 0


def test_a_refused_field_is_named_in_one_line(shop: Shop, run: Run) -> None:
    running = run("products", "list", "--sort", "colour")
    shop.refuse(
        "ListProducts",
        grpc.StatusCode.INVALID_ARGUMENT,
        "VALIDATION_FAILED",
        fields=[("sort", "must be relevance, newest, price, -price or title")],
    )
    ended = running.end()
    assert ended.code == 1
    assert ended.err == (
        "shopctl: sort must be relevance, newest, price, -price or title (VALIDATION_FAILED)\n"
    )
    assert ended.out == ""


@pytest.mark.parametrize(
    ("code", "reason", "ending", "says"),
    [
        (grpc.StatusCode.NOT_FOUND, "NOT_FOUND", 1, "(NOT_FOUND)"),
        (grpc.StatusCode.UNAVAILABLE, "", 3, "svc_catalog is unreachable at svc-catalog:50051"),
        (grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE", 3, "(UNAVAILABLE)"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "", 3, "shopctl doctor"),
        (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", 4, "shopctl login"),
        (grpc.StatusCode.PERMISSION_DENIED, "PERMISSION_DENIED", 4, "as an admin"),
        (grpc.StatusCode.INTERNAL, "INTERNAL", 5, "(INTERNAL)"),
    ],
)
def test_each_failure_has_its_exit_code_and_says_what_to_do(
    shop: Shop, run: Run, code: grpc.StatusCode, reason: str, ending: int, says: str
) -> None:
    running = run("products", "show", "p1")
    shop.refuse("GetProduct", code, reason, "It is so.")
    ended = running.end()
    assert ended.code == ending
    assert says in ended.err
    assert len(ended.err.splitlines()) == 1


def test_an_error_of_the_tool_is_one_line_too(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shopctl.commands.products.shown", lambda _: 1 / 0)
    running = run("products", "show", "p1")
    shop.answer("GetProduct", catalog_pb2.GetProductResponse(product=LAMP))
    ended = running.end()
    assert ended.code == 5
    assert ended.err == "shopctl: an error of shopctl: ZeroDivisionError: division by zero\n"


def test_text_of_others_does_not_steer_the_terminal(shop: Shop, run: Run) -> None:
    product = catalog_pb2.Product(id="p1", title="[red]\x1b[2J\u202e")
    running = run("products", "show", "p1")
    shop.answer("GetProduct", catalog_pb2.GetProductResponse(product=product))
    assert "[red]\ufffd[2J\ufffd" in running.end().out


def test_an_address_that_is_not_known_is_asked_for(run: Run, profile: Profile) -> None:
    nowhere = Profile("elsewhere")
    nowhere.save()
    ended = run("products", "list", "--profile", "elsewhere").end()
    assert ended.code == 2
    assert "--address catalog=HOST:PORT" in ended.err

"""The catalog's RPCs, called with messages."""

from typing import Any, cast

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2

from chassis.auth.identity import Identity, acting_as
from chassis.errors import InvalidField, Unauthenticated
from svc_catalog.model.products import NoLongerSold, VersionConflict
from svc_catalog.model.stock import OutOfStock
from svc_catalog.rpc import DETAILS, CatalogRpc
from svc_catalog.usecases.search_products import SearchProducts
from tests.unit.svc_catalog.fakes import (
    FakeProductStore,
    FakeVocabulary,
)
from tests.unit.svc_catalog.samples import NOON, product
from tests.unit.svc_catalog.served import rpc_of

pytestmark = pytest.mark.anyio

ADMIN = Identity("user", id="admin", role="admin")
# No method looks at it.
CONTEXT = cast("Any", None)


@pytest.fixture
def store() -> FakeProductStore:
    return FakeProductStore(
        products={
            "lamp": product("lamp", title="Brass lamp", quantity=5),
            "vase": product("vase", title="Vase", category="Décor", minutes=1),
        },
        underived={"lamp", "vase"},
    )


@pytest.fixture
async def rpc(store: FakeProductStore) -> CatalogRpc:
    vocabulary = FakeVocabulary()
    await SearchProducts(vocabulary, "english").analyse_again(store)
    return rpc_of(store, vocabulary)


def price(amount_minor: int) -> money_pb2.Money:
    return money_pb2.Money(amount_minor=amount_minor, currency="USD")


async def test_a_product_that_was_taken_out_is_named(rpc: CatalogRpc) -> None:
    await rpc.DeleteProduct(catalog_pb2.DeleteProductRequest(product_id="lamp"), CONTEXT)
    with pytest.raises(NoLongerSold) as refusal:
        await rpc.GetProduct(catalog_pb2.GetProductRequest(product_id="lamp"), CONTEXT)
    assert refusal.value.reason == "NOT_FOUND"
    assert DETAILS[NoLongerSold](refusal.value) == catalog_pb2.NoLongerSold(
        product_title="Brass lamp", product_category="Lighting"
    )


async def test_an_edit_changes_what_is_given_only(rpc: CatalogRpc) -> None:
    request = catalog_pb2.EditProductRequest(
        product_id="lamp", title="Steel lamp", description="", quantity_change=-2
    )
    answer = await rpc.EditProduct(request, CONTEXT)
    lamp = answer.product
    assert (lamp.title, lamp.description, lamp.quantity) == ("Steel lamp", "", 3)
    assert (lamp.category, lamp.price) == ("Lighting", price(4900))
    assert (lamp.version, lamp.details_version) == (2, 2)


async def test_an_edit_tells_which_fields_others_have_changed(rpc: CatalogRpc) -> None:
    first = catalog_pb2.EditProductRequest(product_id="lamp", price=price(4000))
    await rpc.EditProduct(first, CONTEXT)
    late = catalog_pb2.EditProductRequest(
        product_id="lamp", price=price(4500), title="Steel lamp", details_version=1
    )
    with pytest.raises(VersionConflict) as refusal:
        await rpc.EditProduct(late, CONTEXT)
    detail = DETAILS[VersionConflict](refusal.value)
    assert isinstance(detail, catalog_pb2.VersionConflict)
    assert (detail.current.price, list(detail.fields)) == (price(4000), ["price"])


async def test_a_list_with_its_facets(rpc: CatalogRpc) -> None:
    answer = await rpc.ListProducts(catalog_pb2.ListProductsRequest(), CONTEXT)
    assert [each.id for each in answer.products] == ["vase", "lamp"]
    assert answer.total_size == 2
    assert {each.category: each.count for each in answer.facets.categories} == {
        "Décor": 1,
        "Lighting": 1,
    }


async def test_facets_know_each_change_at_once(rpc: CatalogRpc) -> None:
    async def sold_out() -> dict[str, int]:
        request = catalog_pb2.ListProductsRequest(in_stock=False)
        answer = await rpc.ListProducts(request, CONTEXT)
        return {each.category: each.count for each in answer.facets.categories}

    assert await sold_out() == {}
    await rpc.ReserveProduct(
        catalog_pb2.ReserveProductRequest(product_id="lamp", order_id="o1", quantity=5), CONTEXT
    )
    assert await sold_out() == {"Lighting": 1}
    edit = catalog_pb2.EditProductRequest(product_id="lamp", category="Lamps")
    await rpc.EditProduct(edit, CONTEXT)
    assert await sold_out() == {"Lamps": 1}
    release = catalog_pb2.ReleaseStockRequest(order_id="o1", product_ids=["lamp"])
    await rpc.ReleaseStock(release, CONTEXT)
    assert await sold_out() == {}
    await rpc.DeleteProduct(catalog_pb2.DeleteProductRequest(product_id="lamp"), CONTEXT)
    answer = await rpc.ListProducts(catalog_pb2.ListProductsRequest(), CONTEXT)
    assert [each.category for each in answer.facets.categories] == ["Décor"]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"q": "BRASS la"}, ["lamp"]),
        ({"q": "decor"}, ["vase"]),
        ({"category": "Lighting"}, ["lamp"]),
        ({"max_price": 0}, []),
        ({"min_price": 0}, ["vase", "lamp"]),
        ({"in_stock": False}, []),
    ],
)
async def test_filters(rpc: CatalogRpc, filters: dict[str, Any], found: list[str]) -> None:
    answer = await rpc.ListProducts(catalog_pb2.ListProductsRequest(**filters), CONTEXT)
    assert [each.id for each in answer.products] == found


async def test_a_product_in_full(rpc: CatalogRpc, store: FakeProductStore) -> None:
    store.products["lamp"] = product("lamp", image_key="a" * 64, reserved=3)
    answer = await rpc.GetProduct(catalog_pb2.GetProductRequest(product_id="lamp"), CONTEXT)
    address = f"/media/products/{'a' * 64}"
    assert answer.product == catalog_pb2.Product(
        id="lamp",
        title="Brass lamp",
        description="Warm light for a desk",
        category="Lighting",
        price=price(4900),
        user_id="admin",
        quantity=10,
        available=7,
        version=1,
        details_version=1,
        image_url=f"{address}/640.webp",
        images=[
            catalog_pb2.Image(width=width, url=f"{address}/{width}.webp")
            for width in (320, 640, 1280)
        ],
        created_at=Timestamp(seconds=int(NOON.timestamp())),
    )


async def test_an_admin_adds_and_changes_a_product_with_a_picture(rpc: CatalogRpc) -> None:
    async def chunks() -> Any:
        yield catalog_pb2.UploadImageRequest(chunk=b"GIF8")
        yield catalog_pb2.UploadImageRequest(chunk=b"9a and more")

    uploaded = await rpc.UploadImage(chunks(), CONTEXT)
    with acting_as(ADMIN):
        created = await rpc.CreateProduct(
            catalog_pb2.CreateProductRequest(
                title="Rug",
                category="Textiles",
                price=price(100),
                quantity=2,
                image_key=uploaded.image_key,
            ),
            CONTEXT,
        )
    assert (created.product.id, created.product.user_id) == ("new", "admin")
    file = await rpc.GetImage(
        catalog_pb2.GetImageRequest(image_key=uploaded.image_key, file="640.webp"), CONTEXT
    )
    assert (file.content_type, file.data) == ("image/webp", b"GIF 640")
    changed = await rpc.UpdateProduct(
        catalog_pb2.UpdateProductRequest(
            product_id="new", version=1, title="Rug", category="Textiles", price=price(90)
        ),
        CONTEXT,
    )
    assert changed.product.version == 2
    assert changed.product.image_url == created.product.image_url
    await rpc.DeleteProduct(catalog_pb2.DeleteProductRequest(product_id="new"), CONTEXT)


async def test_nobody_adds_a_product_anonymously(rpc: CatalogRpc) -> None:
    request = catalog_pb2.CreateProductRequest(title="Rug", category="Textiles", price=price(1))
    with pytest.raises(Unauthenticated):
        await rpc.CreateProduct(request, CONTEXT)


async def test_a_price_of_nothing_names_the_amount(rpc: CatalogRpc) -> None:
    request = catalog_pb2.CreateProductRequest(title="Rug", category="Textiles", price=price(0))
    with acting_as(ADMIN), pytest.raises(InvalidField) as refusal:
        await rpc.CreateProduct(request, CONTEXT)
    assert refusal.value.field == "price.amount_minor"


async def test_a_conflict_carries_the_current_product(rpc: CatalogRpc) -> None:
    request = catalog_pb2.UpdateProductRequest(
        product_id="lamp", version=9, title="x", category="x", price=price(1)
    )
    with pytest.raises(VersionConflict) as refusal:
        await rpc.UpdateProduct(request, CONTEXT)
    detail = DETAILS[VersionConflict](refusal.value)
    assert isinstance(detail, catalog_pb2.VersionConflict)
    assert detail.current.id == "lamp"


async def test_reserving_and_releasing(rpc: CatalogRpc, store: FakeProductStore) -> None:
    one = await rpc.ReserveProduct(
        catalog_pb2.ReserveProductRequest(product_id="lamp", order_id="o1", quantity=2), CONTEXT
    )
    assert one.line == catalog_pb2.ReservedLine(
        product_id="lamp", quantity=2, price=price(4900), title="Brass lamp"
    )
    lines = [catalog_pb2.StockLine(product_id=each, quantity=1) for each in ("vase", "lamp")]
    many = await rpc.ReserveStock(
        catalog_pb2.ReserveStockRequest(order_id="o2", lines=lines), CONTEXT
    )
    assert [each.product_id for each in many.lines] == ["vase", "lamp"]
    assert store.products["lamp"].available == 2
    await rpc.ReleaseStock(
        catalog_pb2.ReleaseStockRequest(order_id="o2", product_ids=["vase", "lamp"]), CONTEXT
    )
    assert store.products["lamp"].available == 3


async def test_a_shortage_carries_its_lines(rpc: CatalogRpc) -> None:
    lines = [catalog_pb2.StockLine(product_id="lamp", quantity=6)]
    with pytest.raises(OutOfStock) as refusal:
        await rpc.ReserveStock(catalog_pb2.ReserveStockRequest(order_id="o1", lines=lines), CONTEXT)
    assert DETAILS[OutOfStock](refusal.value) == catalog_pb2.OutOfStock(
        lines=[
            catalog_pb2.StockShortage(
                product_id="lamp", title="Brass lamp", requested=6, available=5
            )
        ]
    )


async def test_the_currency_of_the_shop_is_answered_with_its_limits(rpc: CatalogRpc) -> None:
    config = await rpc.GetCatalogConfig(catalog_pb2.GetCatalogConfigRequest(), CONTEXT)
    assert (config.currency, config.decimals, config.step) == ("USD", 2, 1)
    assert (config.minimum_total, config.maximum_total) == (price(50), price(99_999_999))

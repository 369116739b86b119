"""How much faster are the gateway's compiled JSON coders than google.protobuf.json_format?

Encodes, to bytes, a page of 24 products, and decodes an order of 10 lines.
"""

import timeit
from collections.abc import Callable

import orjson
from google.protobuf.json_format import MessageToDict, Parse
from google.protobuf.timestamp_pb2 import Timestamp
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from gateway.protojson.decode import Decoders
from gateway.protojson.encode import Encoders

ROUNDS, REPEATS = 5, 200


def page() -> catalog_pb2.ListProductsResponse:
    product = catalog_pb2.Product(
        id="01jd6x3v9k8m2n4p5q6r7s8t9v",
        title="Desk lamp of brushed brass",
        description="Stands firmly, turns freely, and throws a warm light where it is wanted. " * 3,
        category="lighting",
        price=money_pb2.Money(amount_minor=4999, currency="USD"),
        user_id="01jd6x3v9k8m2n4p5q6r7s8t9w",
        quantity=40,
        available=37,
        version=12,
        image_url="/media/products/0123456789abcdef0123456789abcdef/640.webp",
        images=[
            catalog_pb2.Image(width=width, url=f"/media/products/0123456789abcdef/{width}.webp")
            for width in (320, 640, 1280)
        ],
        created_at=Timestamp(seconds=1795426200, nanos=250_000_000),
    )
    counts = [catalog_pb2.CategoryCount(category=f"c{i}", count=10) for i in range(6)]
    return catalog_pb2.ListProductsResponse(
        products=[product] * 24,
        next_page_token="opaque" * 8,
        total_size=60,
        facets=catalog_pb2.Facets(categories=counts),
    )


def microseconds(work: Callable[[], object]) -> float:
    return min(timeit.repeat(work, number=ROUNDS, repeat=REPEATS)) / ROUNDS * 1e6


def report(what: str, ours: Callable[[], object], theirs: Callable[[], object]) -> None:
    fast, slow = microseconds(ours), microseconds(theirs)
    print(f"{what}: {fast:.0f} us, json_format {slow:.0f} us, ratio {slow / fast:.1f}")


def main() -> None:
    products = page()
    encode = Encoders().of(catalog_pb2.ListProductsResponse.DESCRIPTOR)
    report(
        "encode 24 products",
        lambda: orjson.dumps(encode(products)),
        lambda: orjson.dumps(MessageToDict(products, always_print_fields_with_no_presence=True)),
    )
    decode = Decoders().of(orders_pb2.CreateOrderRequest.DESCRIPTOR)
    line = {"productId": "01jd6x3v9k8m2n4p5q6r7s8t9v", "quantity": 3}
    text = orjson.dumps({"items": [line] * 10, "idempotencyKey": "k" * 32})
    report(
        "decode an order of 10 lines",
        lambda: decode(orders_pb2.CreateOrderRequest(), orjson.loads(text), "", []),
        lambda: Parse(text, orders_pb2.CreateOrderRequest()),
    )


if __name__ == "__main__":
    main()

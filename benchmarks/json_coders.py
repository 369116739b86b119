"""How much faster are the gateway's compiled JSON coders than google.protobuf.json_format?

Encodes, to bytes, a page of 24 products, and decodes an order of 10 lines.
"""

import timeit
from collections.abc import Callable, Sequence

import orjson
from google.protobuf.json_format import MessageToDict, Parse
from google.protobuf.timestamp_pb2 import Timestamp
from shop.catalog.v1 import catalog_pb2
from shop.money.v1 import money_pb2
from shop.orders.v1 import orders_pb2

from benchmarks.harness import Bench, Comparison, Sample, Side
from gateway.protojson.decode import Decoders
from gateway.protojson.encode import Encoders

TIMES = 5


async def compare(_: Bench) -> Sequence[Comparison]:
    """Both coders, and those of the library."""
    products = page()
    encode = Encoders().of(catalog_pb2.ListProductsResponse.DESCRIPTOR)
    decode = Decoders().of(orders_pb2.CreateOrderRequest.DESCRIPTOR)
    line = {"productId": "01jd6x3v9k8m2n4p5q6r7s8t9v", "quantity": 3}
    text = orjson.dumps({"items": [line] * 10, "idempotencyKey": "k" * 32})
    return [
        Comparison(
            timed("encode 24 products", lambda: orjson.dumps(encode(products))),
            timed(
                "json_format",
                lambda: orjson.dumps(
                    MessageToDict(products, always_print_fields_with_no_presence=True)
                ),
            ),
        ),
        Comparison(
            timed(
                "decode an order of 10 lines",
                lambda: decode(orders_pb2.CreateOrderRequest(), orjson.loads(text), "", []),
            ),
            timed("json_format", lambda: Parse(text, orders_pb2.CreateOrderRequest())),
        ),
    ]


def timed(name: str, work: Callable[[], object]) -> Side:
    """A side that does `work` in this process, on its own clock."""

    async def measure(seconds: float) -> Sample:
        took = min(timeit.repeat(work, number=TIMES, repeat=int(seconds * 50))) / TIMES
        return Sample({"µs": took * 1e6})

    return Side(name, measure)


def page() -> catalog_pb2.ListProductsResponse:
    """A page of 24 products."""
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

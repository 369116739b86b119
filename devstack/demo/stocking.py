"""Adds the demo products with their pictures."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from shop.catalog.v1 import catalog_pb2, catalog_pb2_grpc
from shop.money.v1 import money_pb2

from devstack.demo.catalogue import DemoProduct

SECONDS = 30.0
WORKERS = 3
PAGE = 100
PIECE = 64 * 1024


def add_products(
    catalog: catalog_pb2_grpc.CatalogServiceStub,
    token: str,
    products: Sequence[DemoProduct],
    progress: Callable[[int, int], None],
) -> Mapping[str, str]:
    """Add those of `products` that are not there, by title; the id of each, by slug.

    `progress` gets after each how many of them there are, and how many are wanted.
    """
    ids = existing(catalog)
    metadata = (("authorization", f"Bearer {token}"),)

    def add(product: DemoProduct) -> str:
        uploaded = catalog.UploadImage(
            pieces(product.picture()), timeout=SECONDS, metadata=metadata
        )
        request = catalog_pb2.CreateProductRequest(
            title=product.title,
            description=product.description,
            category=product.category,
            price=money_pb2.Money(amount_minor=product.price_minor, currency=product.currency),
            quantity=product.quantity,
            image_key=uploaded.image_key,
            keywords=product.keywords,
        )
        return catalog.CreateProduct(request, timeout=SECONDS, metadata=metadata).product.id

    missing = [product for product in products if product.title not in ids]
    with ThreadPoolExecutor(WORKERS) as pool:
        left = len(missing)
        for product, added in zip(missing, pool.map(add, missing), strict=True):
            ids[product.title] = added
            left -= 1
            progress(len(products) - left, len(products))
    return {product.slug: ids[product.title] for product in products}


def existing(catalog: catalog_pb2_grpc.CatalogServiceStub) -> dict[str, str]:
    """The id of every product there is, by title."""
    found: dict[str, str] = {}
    request = catalog_pb2.ListProductsRequest(page_size=PAGE)
    while True:
        page = catalog.ListProducts(request, timeout=SECONDS)
        found.update((product.title, product.id) for product in page.products)
        if not page.next_page_token:
            return found
        request.page_token = page.next_page_token


def pieces(picture: bytes) -> Iterator[catalog_pb2.UploadImageRequest]:
    """`picture` as it is streamed."""
    for start in range(0, len(picture), PIECE):
        yield catalog_pb2.UploadImageRequest(chunk=picture[start : start + PIECE])

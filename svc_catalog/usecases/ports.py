"""What the use cases need from outside."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from svc_catalog.model.products import Product
from svc_catalog.model.search import Filters, Position, Sort
from svc_catalog.model.stock import Standing, StockChange


class ProductStore(Protocol):
    """Where products are kept; each write tells the world of it in the same step."""

    async def find(self, product_id: str) -> Product | None:
        """The product, deleted or not."""
        ...

    async def insert(self, product: Product) -> None:
        """Keep a new product."""
        ...

    async def replace(self, product: Product) -> bool:
        """Write the fields of `product` over its previous version.

        Returns:
            False where the previous version is no longer the current one, and nothing was done.
        """
        ...

    async def delete(self, product_id: str) -> None:
        """Mark a product deleted; nothing happens where it is already or never was there."""
        ...

    async def page(
        self, filters: Filters, sort: Sort, after: Position | None, limit: int
    ) -> Sequence[Product]:
        """At most `limit` products that are not deleted and match, in order, behind `after`."""
        ...

    async def counts(self, filters: Filters) -> Mapping[str, int]:
        """How many match by category, whatever category `filters` has."""
        ...


class StockStore(Protocol):
    """Where reservations are kept: on their products, changed in one conditional write each."""

    async def find(self, product_id: str) -> Product | None:
        """The product, deleted or not."""
        ...

    async def reserve(
        self, product_id: str, order_id: str, quantity: int, at: datetime
    ) -> Product | None:
        """Hold `quantity` for an order that stands at NONE, where that many are available.

        Returns:
            The product after it; None where nothing was done.
        """
        ...

    async def standing(
        self, product_id: str, order_id: str, payment_id: str = ""
    ) -> Standing | None:
        """Where the order stands with the product; None where there is no such product.

        Args:
            product_id: The product.
            order_id: The order.
            payment_id: Where this payment restocked the product once, it stands at RESTOCKED
                even if the order's tombstone is gone.
        """
        ...

    async def change(
        self,
        product_id: str,
        order_id: str,
        before: Standing,
        change: StockChange,
        at: datetime,
        payment_id: str = "",
    ) -> bool:
        """Do `change` where the order still stands at `before`.

        Returns:
            False where it stands elsewhere by now, and nothing was done.
        """
        ...


class ImageStore(Protocol):
    """Where pictures are kept."""

    async def exists(self, key: str) -> bool:
        """Whether the picture is there in all its widths."""
        ...

    async def put(self, key: str, files: Mapping[int, bytes]) -> None:
        """Keep a picture: WebP by width in pixels. The same key again changes nothing."""
        ...

    async def get(self, key: str, file: str) -> bytes | None:
        """One file of a picture, such as `640.webp`; None where it is not there."""
        ...


class Renderer(Protocol):
    """What makes pictures of uploads."""

    async def render(self, data: bytes, kind: str) -> Mapping[int, bytes]:
        """WebP by width in pixels, without metadata, upright, never upscaled.

        Args:
            data: The upload.
            kind: Its format by its first bytes.

        Raises:
            InvalidField: It is broken, or has too many pixels.
        """
        ...

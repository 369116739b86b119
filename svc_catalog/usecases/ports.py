"""What the use cases need from outside."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from svc_catalog.model.products import Product
from svc_catalog.model.search import Filters, Position, Sort
from svc_catalog.model.stock import HeldLine, OrderOutcome, Reservation, StockChange, StockLine
from svc_catalog.model.vocabulary import Entry, Lookup


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

    async def edit(
        self, before: Product, after: Product, version: int | None, key: str
    ) -> Product | None:
        """Write what differs between two states of a product over what it is now.

        Args:
            before: As it was read.
            after: As it is to be: `details_version` says whether its details differ.
            version: The only version to write over; None for any.
            key: Is kept with the write, which is not done where it was before; empty for none.

        Returns:
            The product after it. None where nothing was done: its details have changed since
            `before`, it is deleted, so many are not available, or version or key say so.
        """
        ...

    async def has_edit(self, product_id: str, key: str) -> bool:
        """Whether an edit of the product was written with this key."""
        ...

    async def delete(self, product_id: str) -> None:
        """Mark a product deleted; nothing happens where it is already or never was there."""
        ...

    async def currency(self) -> str | None:
        """The currency that the oldest product is priced in; None where there are no products."""
        ...

    async def outdated(self, limit: int) -> Sequence[Product]:
        """At most `limit` products that are found by what was derived from them otherwise."""
        ...

    async def derive(self, product: Product) -> bool:
        """Derive again by what a product is found.

        Returns:
            False where it has changed since it was read, and nothing was done.
        """
        ...

    async def page(
        self, filters: Filters, sort: Sort, after: Position | None, limit: int
    ) -> Sequence[Product]:
        """At most `limit` products that are not deleted and match, in order, behind `after`."""
        ...

    async def counts(self, filters: Filters) -> Mapping[str, int]:
        """How many match by category, whatever category `filters` has."""
        ...


class CategoryStore(Protocol):
    """The one spelling of each category: names that differ in case and accents are one."""

    async def find(self, name: str) -> str:
        """How the category of this name is spelled; `name` where there is none."""
        ...

    async def keep(self, name: str, product_id: str) -> str:
        """How the category of a product that is about to be written is spelled.

        As it is spelled by now; or `name` from now on, where there was none, or this product is
        the only one in it.
        """
        ...

    async def learn(self) -> None:
        """Take the spellings of the products that there are, where none is known yet."""
        ...


class Vocabulary(Protocol):
    """Every word of every product."""

    async def add(self, words: Iterable[str]) -> None:
        """Keep these words, with an entry for each; those that are there may be written again."""
        ...

    async def find(self, lookup: Lookup) -> Sequence[Entry]:
        """The entries that are looked up, in any order; of very many, some."""
        ...

    async def outdated(self, limit: int) -> Sequence[str]:
        """At most `limit` words whose entries were made in another way than now."""
        ...


class StockStore(Protocol):
    """Reservations of products; each step is one conditional write with the product's figures."""

    async def find(self, product_id: str) -> Product | None:
        """The product, deleted or not."""
        ...

    async def reserve(
        self, order_id: str, line: StockLine, token: str, at: datetime
    ) -> Product | None:
        """Hold a line for an order that has none of it yet, where that many are available.

        Returns:
            The product after it. None where nothing was done: also where the store would have
            to look at the reservation first.
        """
        ...

    async def reservation(self, product_id: str, order_id: str) -> Reservation | None:
        """The order's reservation of the product; None where there is no such product."""
        ...

    async def change(
        self, product_id: str, order_id: str, before: Reservation, change: StockChange, at: datetime
    ) -> Product | None:
        """Do `change` where the reservation still is `before`, and so many are available.

        `before` is what `reservation` returned.

        Returns:
            The product after it; None where that is not so, and nothing was done. Nothing is
            reserved of a deleted product.
        """
        ...

    async def archive(self, before: datetime) -> None:
        """Move reservations older than `before` out of their products; they hold as they did.

        A product that sells fast does so by itself.
        """
        ...

    def held_since(self, before: datetime) -> AsyncIterator[HeldLine]:
        """What is reserved and was before then."""
        ...


class OrderSource(Protocol):
    """Who owns the orders that reservations are for."""

    async def outcome_of(self, order_id: str) -> OrderOutcome:
        """How the order ended; DEAD also where there is none.

        Raises:
            Unavailable: It is not known now.
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

"""How products are found: words without case and accents, filters, and orders with their keys."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from svc_catalog.model.products import Product, ProductFields

Key = datetime | int | str

_WORD = re.compile(r"[^\W_]+")


def normalised(text: str) -> str:
    """`text` without differences of case and accents: "Crème BRÛLÉE" is "creme brulee"."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each)).casefold()


def words(text: str) -> list[str]:
    """The normalised words of `text` in order."""
    return _WORD.findall(normalised(text))


def terms(fields: ProductFields) -> list[str]:
    """The words by which a product is found, each once, sorted."""
    return sorted({*words(fields.title), *words(fields.description), *words(fields.category)})


class Sort(StrEnum):
    """The orders of a list; a tie is broken by id in the same direction."""

    NEWEST = "newest"
    CHEAPEST = "price"
    DEAREST = "-price"
    TITLE = "title"

    @property
    def descending(self) -> bool:
        """Whether great keys come first."""
        return self in {Sort.NEWEST, Sort.DEAREST}

    @property
    def key_type(self) -> type[Key]:
        """The type of the keys."""
        match self:
            case Sort.NEWEST:
                return datetime
            case Sort.TITLE:
                return str
            case _:
                return int

    def key(self, product: Product) -> Key:
        """What `product` is ordered by: its time, its normalised title or minor units."""
        match self:
            case Sort.NEWEST:
                return product.created_at
            case Sort.TITLE:
                return normalised(product.fields.title)
            case _:
                return product.fields.price.amount_minor


@dataclass(frozen=True)
class Position:
    """The last item of a page: where the next page goes on."""

    key: Key
    id: str


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; a filter that is empty or None does not hold.

    Attributes:
        words: Normalised words that must all be terms of the product.
        prefix: What one of its terms must begin with.
        category: The only category.
        min_price: Least price in minor units.
        max_price: Greatest price in minor units.
        in_stock: True: only what can be bought now. False: only what can not.
    """

    words: tuple[str, ...] = ()
    prefix: str = ""
    category: str = ""
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool | None = None


def search_for(query: str) -> tuple[tuple[str, ...], str]:
    """The whole words of a query, and its last word, which may be a beginning."""
    found = words(query)
    return tuple(found[:-1]), found[-1] if found else ""

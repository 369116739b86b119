"""How products are found: by words, by filters, and in which orders."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from svc_catalog.model.products import Product, ProductFields
from svc_catalog.model.vocabulary import Reading
from svc_catalog.model.words import normalised, words

Key = datetime | int | str


def main_terms(fields: ProductFields) -> list[str]:
    """The words that say what a product is, each once, sorted."""
    return sorted({*words(fields.title), *words(fields.category), *words(fields.keywords)})


def terms(fields: ProductFields) -> list[str]:
    """The words by which a product is found, each once, sorted."""
    return sorted({*main_terms(fields), *words(fields.description)})


class Sort(StrEnum):
    """The orders of a list; a tie is broken by id in the same direction.

    By relevance products are ordered by how well they match, and then the newest first.
    """

    RELEVANCE = "relevance"
    NEWEST = "newest"
    CHEAPEST = "price"
    DEAREST = "-price"
    TITLE = "title"

    @property
    def descending(self) -> bool:
        """Whether great keys come first."""
        return self in {Sort.RELEVANCE, Sort.NEWEST, Sort.DEAREST}

    @property
    def key_type(self) -> type[Key]:
        """The type of the keys."""
        match self:
            case Sort.RELEVANCE | Sort.NEWEST:
                return datetime
            case Sort.TITLE:
                return str
            case _:
                return int

    def key(self, product: Product) -> Key:
        """What `product` is ordered by: its time, its normalised title or minor units."""
        match self:
            case Sort.RELEVANCE | Sort.NEWEST:
                return product.created_at
            case Sort.TITLE:
                return normalised(product.fields.title)
            case _:
                return product.fields.price.amount_minor


@dataclass(frozen=True)
class Position:
    """The last item of a page: where the next page goes on.

    Attributes:
        key: By which it is ordered.
        id: Its id.
        level: How well it matches; 0 where the order is another one.
    """

    key: Key
    id: str
    level: int = 0


@dataclass(frozen=True)
class Search:
    """What the words of a query stand for.

    Attributes:
        readings: Ways to understand them; one of them has to match. Where there is none, nothing
            matches.
        any_word: One concept of a reading is enough.
    """

    readings: tuple[Reading, ...]
    any_word: bool = False

    def level(self, fields: ProductFields) -> int | None:
        """How well a product matches, as its place in `LEVELS`; None where it does not."""
        main, everything = set(main_terms(fields)), set(terms(fields))
        for number, level in enumerate(LEVELS):
            found = main if level.main else everything
            if any(self._matches(words, found) for words in self.words(level)):
                return number
        return None

    def words(self, level: "Level") -> list[list[tuple[str, ...]]]:
        """For each reading that can match on a level: one word of each group has to be found.

        Of any word, all groups are one.
        """
        readings = [
            [concept.exact if level.exact else concept.wide for concept in reading]
            for reading in self.readings
        ]
        if self.any_word:
            return [[group] for reading in readings if (group := tuple(sum(reading, ())))]
        return [groups for groups in readings if all(groups)]

    @staticmethod
    def _matches(groups: list[tuple[str, ...]], found: Collection[str]) -> bool:
        return all(any(word in found for word in group) for group in groups)


@dataclass(frozen=True)
class Level:
    """How well a product may match.

    Attributes:
        exact: The words themselves are found, in any of their forms; else words close to them.
        main: In title, category and keywords; else also in the description.
    """

    exact: bool
    main: bool


LEVELS = (Level(True, True), Level(True, False), Level(False, True), Level(False, False))
"""The best first; what matches on one matches on the last."""


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed by; a filter that is empty or None does not hold.

    Attributes:
        search: What to look for.
        category: The only category.
        min_price: Least price in minor units.
        max_price: Greatest price in minor units.
        in_stock: True: only what can be bought now. False: only what cannot.
    """

    search: Search | None = None
    category: str = ""
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool | None = None

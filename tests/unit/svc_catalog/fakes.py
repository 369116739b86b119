"""The catalog's ports in memory."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chassis.errors import Unavailable
from svc_catalog.model.products import MAX_QUANTITY, Announcement, Product
from svc_catalog.model.search import Filters, Position, Sort
from svc_catalog.model.stock import (
    NOTHING,
    HeldLine,
    OrderOutcome,
    Reservation,
    State,
    StockChange,
    StockLine,
)
from svc_catalog.model.vocabulary import Entry, Lookup, entry_of
from svc_catalog.model.words import normalised


class FakeVocabulary:
    """Vocabulary."""

    def __init__(self, analysed_by: str = "now") -> None:
        self.entries: dict[str, tuple[Entry, str]] = {}
        self.analysed_by = analysed_by

    async def add(self, words: Iterable[str]) -> None:
        self.entries |= {word: (entry_of(word, "english"), self.analysed_by) for word in words}

    async def find(self, lookup: Lookup) -> Sequence[Entry]:
        return [entry for entry, _ in self.entries.values() if _is_looked_up(entry, lookup)]

    async def outdated(self, limit: int) -> Sequence[str]:
        old = [word for word, (_, by) in self.entries.items() if by != self.analysed_by]
        return old[:limit]


def _is_looked_up(entry: Entry, lookup: Lookup) -> bool:
    return bool(
        {entry.word, *entry.endings} & {*lookup.words}
        or entry.stems & {*lookup.stems}
        or entry.shortened & {*lookup.shortened}
        or any(entry.word.startswith(each) for each in lookup.beginnings)
    )


@dataclass
class FakeProductStore:
    """ProductStore and StockStore; `announced` has what would have been published."""

    products: dict[str, Product] = field(default_factory=dict)
    reservations: dict[tuple[str, str], Reservation] = field(default_factory=dict)
    edits: set[tuple[str, str]] = field(default_factory=set)
    times: dict[tuple[str, str], datetime] = field(default_factory=dict)
    announced: list[Announcement] = field(default_factory=list)
    underived: set[str] = field(default_factory=set)

    async def find(self, product_id: str) -> Product | None:
        await asyncio.sleep(0)
        return self.products.get(product_id)

    async def insert(self, product: Product) -> None:
        self._keep("product.created", product)

    async def replace(self, product: Product) -> bool:
        await asyncio.sleep(0)
        current = self.products.get(product.id)
        if current is None or current.deleted or current.version != product.version - 1:
            return False
        self._keep("product.updated", product)
        return True

    async def edit(
        self, before: Product, after: Product, version: int | None, key: str
    ) -> Product | None:
        await asyncio.sleep(0)
        current = self.products[before.id]
        change = after.fields.quantity - before.fields.quantity
        if current.deleted or (before.id, key) in self.edits:
            return None
        if version not in {None, current.version} or current.available + min(0, change) < 0:
            return None
        if change > 0 and current.fields.quantity + change > MAX_QUANTITY:
            return None
        if after.details_version != before.details_version:
            if current.details_version != before.details_version:
                return None
            details = replace(after.fields, quantity=current.fields.quantity)
            current = replace(
                current,
                fields=details,
                details_version=after.details_version,
                changed_in=after.changed_in,
            )
        if key:
            self.edits.add((before.id, key))
        self._keep("product.updated", _moved(current, change, 0))
        return self.products[before.id]

    async def has_edit(self, product_id: str, key: str) -> bool:
        return (product_id, key) in self.edits

    async def delete(self, product_id: str) -> None:
        current = self.products.get(product_id)
        if current is not None and not current.deleted:
            gone = replace(current, deleted=True, version=current.version + 1)
            self._keep("product.deleted", gone)

    async def currency(self) -> str | None:
        oldest = sorted(self.products.values(), key=lambda each: (each.created_at, each.id))
        return next((each.fields.price.currency for each in oldest if not each.deleted), None)

    async def outdated(self, limit: int) -> Sequence[Product]:
        return [self.products[each] for each in sorted(self.underived)[:limit]]

    async def derive(self, product: Product) -> bool:
        self.underived.discard(product.id)
        return self.products[product.id] == product

    async def page(
        self, filters: Filters, sort: Sort, after: Position | None, limit: int
    ) -> Sequence[Product]:
        found = [
            (self._place(filters, sort, each), each)
            for each in self.products.values()
            if matches(filters, each)
        ]
        found.sort(key=lambda each: each[0][1:], reverse=sort.descending)
        found.sort(key=lambda each: each[0][0])
        if after is not None:
            behind = (after.level, after.key, after.id)
            places = [each for each, _ in found]
            found = found[places.index(behind) + 1 :]
        return [product for _, product in found[:limit]]

    @staticmethod
    def _place(filters: Filters, sort: Sort, product: Product) -> tuple[int, Any, str]:
        level = 0
        if sort is Sort.RELEVANCE and filters.search is not None:
            level = filters.search.level(product.fields) or 0
        return level, sort.key(product), product.id

    async def counts(self, filters: Filters) -> Mapping[str, int]:
        any_category = replace(filters, category="")
        counts = Counter(
            each.fields.category for each in self.products.values() if matches(any_category, each)
        )
        return dict(sorted(counts.items()))

    async def reserve(
        self, order_id: str, line: StockLine, token: str, at: datetime
    ) -> Product | None:
        await asyncio.sleep(0)
        key = line.product_id, order_id
        product = self.products.get(line.product_id)
        if product is None or product.deleted or product.available < line.quantity:
            return None
        if key in self.reservations:
            return None
        self.reservations[key] = Reservation(State.RESERVED, line.quantity, token, step=1)
        self.times[key] = at
        self._keep("product.updated", _moved(product, 0, line.quantity))
        return self.products[line.product_id]

    async def reservation(self, product_id: str, order_id: str) -> Reservation | None:
        await asyncio.sleep(0)
        if product_id not in self.products:
            return None
        return self.reservations.get((product_id, order_id), NOTHING)

    async def change(
        self, product_id: str, order_id: str, before: Reservation, change: StockChange, at: datetime
    ) -> Product | None:
        await asyncio.sleep(0)
        product = self.products[product_id]
        if self.reservations.get((product_id, order_id), NOTHING).step != before.step:
            return None
        if product.available + change.available < 0:
            return None
        if change.after.state is State.RESERVED and change.is_visible:
            if product.deleted:
                return None
            self.times[product_id, order_id] = at
        self.reservations[product_id, order_id] = replace(change.after, step=before.step + 1)
        moved = _moved(product, change.quantity, change.reserved)
        if product.deleted or not change.is_visible:
            self.products[product_id] = replace(moved, version=product.version)
        else:
            self._keep("product.updated", moved)
        return self.products[product_id]

    async def archive(self, before: datetime) -> None:
        """Nothing: a dictionary is as large as it is."""

    async def held_since(self, before: datetime) -> AsyncIterator[HeldLine]:
        for (product_id, order_id), reservation in list(self.reservations.items()):
            at = self.times.get((product_id, order_id))
            if reservation.state is State.RESERVED and at is not None and at <= before:
                yield HeldLine(order_id, StockLine(product_id, reservation.quantity))

    def forget(self, product_id: str, order_id: str) -> None:
        """Drop a tombstone, as happens to very old ones."""
        del self.reservations[product_id, order_id]

    def _keep(self, topic: str, product: Product) -> None:
        self.products[product.id] = product
        self.announced.append(Announcement(topic, product))


@dataclass
class FakeCategoryStore:
    """CategoryStore; `members` has the products that were written into each."""

    names: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)

    async def find(self, name: str) -> str:
        await asyncio.sleep(0)
        return self.names.get(normalised(name), name)

    async def keep(self, name: str, product_id: str) -> str:
        await asyncio.sleep(0)
        key = normalised(name)
        if self.members.get(key, {product_id}) == {product_id}:
            self.names[key] = name
        self.members.setdefault(key, set()).add(product_id)
        return self.names[key]

    async def learn(self) -> None:
        """Nothing: what is in memory begins with nothing."""


@dataclass
class FakeOrderSource:
    """OrderSource; an order that is not in `ends` is not there."""

    ends: dict[str, OrderOutcome] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    is_away: bool = False

    async def outcome_of(self, order_id: str) -> OrderOutcome:
        self.asked.append(order_id)
        if self.is_away:
            raise Unavailable("The orders do not answer.")
        return self.ends.get(order_id, OrderOutcome.DEAD)


@dataclass
class FakeImageStore:
    """ImageStore."""

    files: dict[tuple[str, str], bytes] = field(default_factory=dict)

    async def exists(self, key: str) -> bool:
        return (key, "640.webp") in self.files

    async def put(self, key: str, files: Mapping[int, bytes]) -> None:
        for width, data in files.items():
            self.files[key, f"{width}.webp"] = data

    async def get(self, key: str, file: str) -> bytes | None:
        return self.files.get((key, file))


@dataclass
class FakeRenderer:
    """Renderer; `rendered` counts its calls."""

    rendered: int = 0

    async def render(self, data: bytes, kind: str) -> Mapping[int, bytes]:
        self.rendered += 1
        return {width: f"{kind} {width}".encode() for width in (320, 640, 1280)}


def matches(filters: Filters, product: Product) -> bool:
    """Whether a list with these filters has the product."""
    price = product.fields.price.amount_minor
    return (
        not product.deleted
        and (filters.search is None or filters.search.level(product.fields) is not None)
        and filters.category in {"", product.fields.category}
        and (filters.min_price is None or price >= filters.min_price)
        and (filters.max_price is None or price <= filters.max_price)
        and (filters.in_stock is None or (product.available > 0) is filters.in_stock)
    )


def _moved(product: Product, quantity: int, reserved: int) -> Product:
    fields = replace(product.fields, quantity=product.fields.quantity + quantity)
    return replace(
        product, fields=fields, reserved=product.reserved + reserved, version=product.version + 1
    )

"""The catalog's ports in memory."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from svc_catalog.model.products import Announcement, Product
from svc_catalog.model.search import Filters, Position, Sort, terms
from svc_catalog.model.stock import NOTHING, Standing, State, StockChange


@dataclass
class FakeProductStore:
    """ProductStore and StockStore; `announced` has what would have been published."""

    products: dict[str, Product] = field(default_factory=dict)
    standings: dict[tuple[str, str], Standing] = field(default_factory=dict)
    restocks: set[tuple[str, str]] = field(default_factory=set)
    announced: list[Announcement] = field(default_factory=list)

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

    async def delete(self, product_id: str) -> None:
        current = self.products.get(product_id)
        if current is not None and not current.deleted:
            gone = replace(current, deleted=True, version=current.version + 1)
            self._keep("product.deleted", gone)

    async def page(
        self, filters: Filters, sort: Sort, after: Position | None, limit: int
    ) -> Sequence[Product]:
        found = [each for each in self.products.values() if matches(filters, each)]
        found.sort(key=lambda each: (sort.key(each), each.id), reverse=sort.descending)
        if after is not None:
            found = [each for each in found if _is_behind(each, sort, after)]
        return found[:limit]

    async def counts(self, filters: Filters) -> Mapping[str, int]:
        any_category = replace(filters, category="")
        counts = Counter(
            each.fields.category for each in self.products.values() if matches(any_category, each)
        )
        return dict(sorted(counts.items()))

    async def reserve(
        self, product_id: str, order_id: str, quantity: int, at: datetime
    ) -> Product | None:
        await asyncio.sleep(0)
        product = self.products.get(product_id)
        free = self.standings.get((product_id, order_id), NOTHING) == NOTHING
        if product is None or product.deleted or product.available < quantity or not free:
            return None
        self.standings[product_id, order_id] = Standing(State.RESERVED, quantity)
        self._keep("product.updated", _moved(product, 0, quantity))
        return self.products[product_id]

    async def standing(
        self, product_id: str, order_id: str, payment_id: str = ""
    ) -> Standing | None:
        await asyncio.sleep(0)
        if product_id not in self.products:
            return None
        if standing := self.standings.get((product_id, order_id)):
            return standing
        restocked = (product_id, payment_id) in self.restocks
        return Standing(State.RESTOCKED) if restocked else NOTHING

    async def change(
        self,
        product_id: str,
        order_id: str,
        before: Standing,
        change: StockChange,
        at: datetime,
        payment_id: str = "",
    ) -> bool:
        await asyncio.sleep(0)
        product = self.products[product_id]
        if self.standings.get((product_id, order_id), NOTHING) != before:
            return False
        if payment_id and (product_id, payment_id) in self.restocks:
            return False
        self.standings[product_id, order_id] = change.after
        if change.after == NOTHING:
            del self.standings[product_id, order_id]
        if payment_id:
            self.restocks.add((product_id, payment_id))
        if change.quantity or change.reserved:
            moved = _moved(product, change.quantity, change.reserved)
            if product.deleted:
                self.products[product_id] = replace(moved, version=product.version)
            else:
                self._keep("product.updated", moved)
        return True

    def forget(self, product_id: str, order_id: str) -> None:
        """Drop a tombstone, as happens after very many younger ones."""
        del self.standings[product_id, order_id]

    def _keep(self, topic: str, product: Product) -> None:
        self.products[product.id] = product
        self.announced.append(Announcement(topic, product))


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
    found_by = terms(product.fields)
    price = product.fields.price.amount_minor
    return (
        not product.deleted
        and all(word in found_by for word in filters.words)
        and (not filters.prefix or any(term.startswith(filters.prefix) for term in found_by))
        and filters.category in {"", product.fields.category}
        and (filters.min_price is None or price >= filters.min_price)
        and (filters.max_price is None or price <= filters.max_price)
        and (filters.in_stock is None or (product.available > 0) is filters.in_stock)
    )


def _is_behind(product: Product, sort: Sort, position: Position) -> bool:
    mine, its = (sort.key(product), product.id), (position.key, position.id)
    return mine < its if sort.descending else mine > its


def _moved(product: Product, quantity: int, reserved: int) -> Product:
    fields = replace(product.fields, quantity=product.fields.quantity + quantity)
    return replace(
        product, fields=fields, reserved=product.reserved + reserved, version=product.version + 1
    )

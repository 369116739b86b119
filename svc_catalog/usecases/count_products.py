"""How many products match, by category: counted once for all who ask."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from cachetools import TLRUCache

from chassis.tasks import SingleFlight
from svc_catalog.model.search import Filters
from svc_catalog.usecases.ports import ProductStore

Counts = Mapping[str, int]

# Lists that are counted at a time, and how long counts are kept where nothing changes here: other
# replicas change products too. At least a second, and so long that counting takes the database
# at most a fiftieth of its time, however many products there are.
MAX_COUNTED = 1_000
MIN_SECONDS = 1.0
_KEPT_PER_COUNTED = 50


class CountProducts:
    """Counts products by category.

    A change that this process makes counts with the next list; a change of another replica at
    the latest when the counts are taken again.

    Args:
        store: Where products are.
        monotonic: Seconds on a clock that never goes back.
    """

    def __init__(
        self, store: ProductStore, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._store = store
        self._monotonic = monotonic
        # Filters -> counts, and the seconds that they took.
        self._counted: TLRUCache[Filters, tuple[Counts, float]] = TLRUCache(
            MAX_COUNTED, _expiry, monotonic
        )
        self._counting: dict[Filters, SingleFlight[Counts]] = {}

    async def __call__(self, filters: Filters) -> Counts:
        """How many match by category, whatever category `filters` has."""
        filters = replace(filters, category="")
        kept: tuple[Counts, float] | None = self._counted.get(filters)
        if kept is not None:
            return kept[0]
        counting = self._counting.get(filters)
        if counting is None:
            counting = SingleFlight(partial(self._count, filters))
            self._counting[filters] = counting
        return await counting()

    @contextmanager
    def changing_products(self) -> Iterator[None]:
        """Around a write that adds, changes or takes out a product: all is counted again."""
        try:
            yield
        finally:
            # Also after an error: it may have been written. What is being counted may not see it.
            self._counted.clear()
            self._counting.clear()

    @contextmanager
    def changing_stock(self) -> Iterator[None]:
        """Around a write of a product's stock: what is filtered by it is counted again."""
        try:
            yield
        finally:
            for kept in (self._counted, self._counting):
                for filters in [each for each in kept if each.in_stock is not None]:
                    kept.pop(filters, None)

    async def _count(self, filters: Filters) -> Counts:
        counting = self._counting.get(filters)
        began = self._monotonic()
        try:
            counts = await self._store.counts(filters)
            if counting is not None and self._counting.get(filters) is counting:
                self._counted[filters] = counts, self._monotonic() - began
            return counts
        finally:
            if self._counting.get(filters) is counting:
                self._counting.pop(filters, None)


def _expiry(_: Filters, counted: tuple[Counts, float], now: float) -> float:
    return now + max(MIN_SECONDS, counted[1] * _KEPT_PER_COUNTED)

"""Lists of products: filtered, searched, ordered, page by page."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chassis.errors import InvalidField
from chassis.ids import is_id
from chassis.rpc.paging import decode_page_token, encode_page_token, page_size
from svc_catalog.model.products import Product
from svc_catalog.model.search import Filters, Position, Search, Sort
from svc_catalog.usecases.count_products import CountProducts
from svc_catalog.usecases.ports import CategoryStore, ProductStore
from svc_catalog.usecases.search_products import SearchProducts

# Categories that are suggested where nothing matches.
SUGGESTED = 6


@dataclass(frozen=True)
class ProductPage:
    """A page of a list.

    Attributes:
        products: In the order asked for.
        next_page_token: Empty on the last page.
        total_size: How many match in all.
        categories: How many match by category, over all filters but the category.
        corrected_query: What was looked for, where it is not what was typed; else empty.
        any_word: As nothing has all words, what has some of them was looked for.
        suggested_categories: Where else to look, when nothing matches; the fullest first.
    """

    products: Sequence[Product]
    next_page_token: str
    total_size: int
    categories: Mapping[str, int]
    corrected_query: str = ""
    any_word: bool = False
    suggested_categories: Sequence[str] = ()


class ListProducts:
    """Lists the shop's products.

    Args:
        store: Where products are.
        categories: How categories are spelled.
        searching: What queries stand for.
        count: How many products match.
    """

    def __init__(
        self,
        store: ProductStore,
        categories: CategoryStore,
        searching: SearchProducts,
        count: CountProducts,
    ) -> None:
        self._store = store
        self._categories = categories
        self._searching = searching
        self._count = count

    async def __call__(
        self, query: str, filters: Filters, sort: Sort | None, size: int, token: str
    ) -> ProductPage:
        """List the page that `token` begins.

        Args:
            query: What is looked for: words, or the id of a product; empty for everything.
            filters: Without a search.
            sort: None for the best match first, or the newest where there is no query.
            size: How many; 0 for the default.
            token: Empty for the first page.

        Raises:
            InvalidField: The prices contradict each other, or the token is of another list.
        """
        _check_prices(filters)
        if sort in {None, Sort.RELEVANCE}:
            sort = Sort.RELEVANCE if query else Sort.NEWEST
        scope = f"{query!r} {filters!r} {sort}"
        after = _position(token, sort, scope)
        limit = page_size(size)
        if filters.category:
            filters = replace(filters, category=await self._categories.find(filters.category))
        if not query:
            found, categories = await asyncio.gather(
                self._store.page(filters, sort, after, limit + 1), self._count(filters)
            )
            return _page(found, categories, filters, sort, scope, limit)
        if is_id(query) and (product := await self._store.find(query)) and not product.deleted:
            return ProductPage([product], "", 1, {product.fields.category: 1})
        understood = await self._searching.understand(query)
        filters, categories = await self._narrowed(filters, understood.search)
        if not categories:
            everything = await self._count(Filters())
            fullest = sorted(everything, key=lambda each: -everything[each])[:SUGGESTED]
            return ProductPage([], "", 0, {}, suggested_categories=fullest)
        found = await self._store.page(filters, sort, after, limit + 1)
        return replace(
            _page(found, categories, filters, sort, scope, limit),
            corrected_query=understood.corrected,
            any_word=filters.search is not None and filters.search.any_word,
        )

    async def _narrowed(
        self, filters: Filters, search: Search
    ) -> tuple[Filters, Mapping[str, int]]:
        """The filters with a search, of any word where nothing has all, and the counts of it."""
        filters = replace(filters, search=search)
        categories = await self._count(filters)
        if not categories and any(len(reading) > 1 for reading in search.readings):
            filters = replace(filters, search=replace(search, any_word=True))
            categories = await self._count(filters)
        return filters, categories


def _check_prices(filters: Filters) -> None:
    if filters.min_price is None or filters.max_price is None:
        return
    if filters.min_price > filters.max_price:
        raise InvalidField("max_price", "must not be less than the least price")


def _position(token: str, sort: Sort, scope: str) -> Position | None:
    parts = decode_page_token(token, scope, (int, sort.key_type, str))
    if parts is None:
        return None
    level, key, product_id = parts
    return Position(key, product_id, level)


def _page(
    found: Sequence[Product],
    categories: Mapping[str, int],
    filters: Filters,
    sort: Sort,
    scope: str,
    limit: int,
) -> ProductPage:
    page, total = found[:limit], sum(categories.values())
    return ProductPage(
        products=page,
        next_page_token=_token_after(page[-1], filters, sort, scope) if len(found) > limit else "",
        total_size=categories.get(filters.category, 0) if filters.category else total,
        categories=categories,
    )


def _token_after(product: Product, filters: Filters, sort: Sort, scope: str) -> str:
    level = 0
    if filters.search is not None and sort is Sort.RELEVANCE:
        level = filters.search.level(product.fields) or 0
    return encode_page_token(scope, (level, sort.key(product), product.id))

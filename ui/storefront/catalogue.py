"""The list of products: search, categories, filters, order, pages."""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import Route

from ui.api.problems import ApiProblem
from ui.pages.endpoints import page
from ui.pages.forms import Form
from ui.pages.page_request import PageRequest
from ui.rendering.environment import query
from ui.rendering.formats import amount_hint, minor_units

LIST = "/"
PAGE_SIZE = 24

SORTS: Mapping[str, str] = {
    "newest": "Newest first",
    "price": "Price, low to high",
    "-price": "Price, high to low",
    "title": "Name, A to Z",
}

_PRICES = ("minPrice", "maxPrice")
PARAMETERS = ("q", "category", *_PRICES, "inStock", "sort", "pageToken")
"""All that the list reads of a query."""


async def list_products(request: PageRequest) -> Response:
    """A page of the products that match."""
    if not all(request.request.query_params.values()):
        # A form sends its empty fields too; an address to keep or pass on has none.
        return request.redirect(f"/{query(request.request.query_params)}".removesuffix("?"))
    filters = {
        "q": request.asked("q", 100),
        "category": request.asked("category", 50),
        "minPrice": request.asked("minPrice", 12),
        "maxPrice": request.asked("maxPrice", 12),
        "inStock": "true" if request.asked("inStock") == "true" else "",
        "sort": request.asked("sort") if request.asked("sort") in SORTS else "",
    }
    has_prices = any(filters[name] for name in _PRICES)
    prices, errors = _prices(filters, await request.currency() if has_prices else "")
    token = request.asked("pageToken")
    wanted = {**filters, **prices, "pageSize": PAGE_SIZE, "pageToken": token}
    try:
        found = await request.api.get("/api/products", wanted)
    except ApiProblem as problem:
        if problem.status != 400 or not token:
            raise
        # Pages do not live forever, least of all across a change of the filters.
        return request.redirect(f"/{query(filters)}")
    return await request.render(
        "storefront/list.html",
        form=Form(filters, errors),
        filters=filters,
        is_filtered=any(value for name, value in filters.items() if name != "sort"),
        is_first=not token,
        sorts=_sorts(filters["q"]),
        products=found["products"],
        total=found["totalSize"],
        categories=found["facets"]["categories"],
        next_token=found["nextPageToken"],
        search=found["search"],
    )


def _sorts(searched: str) -> dict[str, str]:
    """The orders to choose from; the API's own comes first."""
    if searched:
        return {"": "Best match", **SORTS}
    return {"" if name == "newest" else name: label for name, label in SORTS.items()}


def _prices(filters: Mapping[str, str], currency: str) -> tuple[dict[str, str], dict[str, str]]:
    """The price filters in minor units, and what is wrong with those that cannot be asked for.

    `currency` is the one that they are typed in, empty where none is.
    """
    prices: dict[str, str] = {}
    errors: dict[str, str] = {}
    for name in _PRICES:
        prices[name] = ""
        if filters[name]:
            try:
                prices[name] = str(minor_units(filters[name], currency))
            except ValueError:
                errors[name] = amount_hint(currency)
    if all(prices.values()) and int(prices["minPrice"]) > int(prices["maxPrice"]):
        prices["maxPrice"] = ""
        errors["maxPrice"] = "must not be less than the lowest"
    return prices, errors


ROUTES = [Route(LIST, page(list_products))]

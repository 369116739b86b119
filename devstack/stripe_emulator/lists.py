"""Lists: pages by cursor, newest first, and the operation that serves any kind of them."""

from .errors import ParameterError
from .ledger import Call, Operation
from .params import Params
from .shapes import JsonObject
from .store import FILTERS, Page

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
LATEST = 2**53


def page_of(params: Params) -> Page:
    """Read `limit`, `starting_after`, `ending_before` and `created`."""
    since, until = _created(params)
    return Page(
        limit=params.integer("limit", most=MAX_LIMIT) or DEFAULT_LIMIT,
        after=params.text("starting_after"),
        before=params.text("ending_before"),
        since=since,
        until=until,
    )


def _created(params: Params) -> tuple[int, int]:
    """`created=N`, or any of `created[gt|gte|lt|lte]=N`, as an inclusive range."""
    if "created" not in params:
        return 0, LATEST
    if params.is_text("created"):
        moment = params.integer("created", least=0, most=LATEST) or 0
        return moment, moment
    bounds = params.within("created").only("gt", "gte", "lt", "lte")
    read = {name: bounds.integer(name, least=0, most=LATEST) for name in ("gt", "gte", "lt", "lte")}
    lows = [read["gte"], None if read["gt"] is None else read["gt"] + 1]
    highs = [read["lte"], None if read["lt"] is None else read["lt"] - 1]
    return (
        max((low for low in lows if low is not None), default=0),
        min((high for high in highs if high is not None), default=LATEST),
    )


def lister(kind: str, path: str, *filters: str) -> Operation:
    """The operation that lists objects of a kind, narrowed by at most one of `filters`."""

    def listed(call: Call) -> JsonObject:
        params = call.params.only("limit", "starting_after", "ending_before", "created", *filters)
        page = page_of(params)
        for param, cursor in (("starting_after", page.after), ("ending_before", page.before)):
            if cursor is not None:
                call.ledger.find(kind, cursor, param)
        if page.after and page.before:
            raise ParameterError(
                "You may only specify one of these parameters: starting_after, ending_before."
            )
        where = {name: value for name in filters if (value := params.text(name))}
        if len(where) > 1:
            raise ParameterError(
                f"You may only specify one of these parameters: {', '.join(where)}."
            )
        return _list(call, kind, path, page, where)

    if not set(filters) <= FILTERS.keys():
        raise KeyError(filters)
    return listed


def _list(call: Call, kind: str, path: str, page: Page, where: dict[str, str]) -> JsonObject:
    one_more = Page(**{**vars(page), "limit": page.limit + 1})
    found = call.ledger.store.page(kind, one_more, **where)
    has_more = len(found) > page.limit
    if has_more:
        found = found[1:] if page.before else found[:-1]
    return {"object": "list", "data": found, "has_more": has_more, "url": path}

"""Lists of more than one page."""

from collections.abc import Callable
from typing import Any, TypeVar

Answer = TypeVar("Answer")

# More than an operator looks at.
ALL = 100_000
_LARGEST_PAGE = 100


def pages(
    call: Callable[..., Answer], request: Any, field: str, limit: int, **options: Any
) -> Answer:
    """The answer with the first `limit` items, of as many pages as that takes.

    Args:
        call: An RPC that lists.
        request: Its request, without size and token of the page.
        field: The name of the answer's list.
        limit: How many items at most.
        options: More arguments of the call.
    """
    whole: Any = None
    while True:
        left = limit - (len(getattr(whole, field)) if whole is not None else 0)
        request.page_size = min(left, _LARGEST_PAGE)
        page: Any = call(request, **options)
        if whole is None:
            whole = page
        else:
            getattr(whole, field).extend(getattr(page, field))
            whole.next_page_token = page.next_page_token
        if len(getattr(whole, field)) >= limit or not page.next_page_token:
            found: Answer = whole
            return found
        request.page_token = page.next_page_token

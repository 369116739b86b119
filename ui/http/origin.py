"""Where a form was sent from: a page of another site may not change anything."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

_FOREIGN = {"cross-site", "same-site"}


def check_origin(request: Request) -> None:
    """Refuse a form of another site's.

    Browsers say so by themselves, in `Origin` or in `Sec-Fetch-Site`; a client that sends neither
    is no browser.

    Raises:
        HTTPException: 403.
    """
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if origin is None:
        is_foreign = request.headers.get("sec-fetch-site") in _FOREIGN
    else:
        is_foreign = not host or origin not in {f"http://{host}", f"https://{host}"}
    if is_foreign:
        raise HTTPException(403, "This form was sent from a page of another site.")

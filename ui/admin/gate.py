"""Who may enter the console. The API decides for itself; this spares people its refusals."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from ui.pages import Endpoint, Handler, page
from ui.problems import Json
from ui.visit import Visit

ADMIN = "admin"


def admin_page(handler: Handler) -> Endpoint:
    """The endpoint of a page that is for admins: guests sign in first, others get 403."""

    async def guarded(visit: Visit) -> Response:
        user: Json = await visit.require_user()
        if user["role"] != ADMIN:
            raise HTTPException(403, "This part of the shop is for those who run it.")
        return await handler(visit)

    return page(guarded)

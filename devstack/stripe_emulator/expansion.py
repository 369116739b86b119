"""`expand[]=latest_charge`: ids in a reply replaced by the objects they name."""

from collections.abc import Iterable
from typing import Any

from .errors import ParameterError
from .shapes import JsonObject
from .store import Page, Store

MAX_DEPTH = 4
REFUNDS_SHOWN = 10


def expand(store: Store, body: JsonObject, paths: Iterable[str]) -> JsonObject:
    """Fill in what `paths` name, e.g. `latest_charge` or, in a list, `data.latest_charge`.

    Raises:
        ParameterError: there is nothing to expand at a path, or it is too long.
    """
    for path in paths:
        steps = path.split(".")
        if len(steps) > MAX_DEPTH:
            raise ParameterError(f"You cannot expand more than {MAX_DEPTH} levels: {path}.")
        _walk(store, body, steps, path)
    return body


def _walk(store: Store, place: Any, steps: list[str], path: str) -> None:
    if isinstance(place, list):
        for item in place:
            _walk(store, item, steps, path)
        return
    if not steps:
        return
    name, *rest = steps
    if name == "refunds" and place.get("object") == "charge":
        place[name] = _refunds(store, place["id"])
    if name not in place:
        raise _cannot(path)
    if isinstance(place[name], str):
        place[name] = store.get(place[name])
        if place[name] is None:
            raise _cannot(path)
    if place[name] is not None:
        _walk(store, place[name], rest, path)


def _refunds(store: Store, charge_id: str) -> JsonObject:
    found = store.page("refund", Page(limit=REFUNDS_SHOWN + 1), charge=charge_id)
    return {
        "object": "list",
        "data": found[:REFUNDS_SHOWN],
        "has_more": len(found) > REFUNDS_SHOWN,
        "url": f"/v1/charges/{charge_id}/refunds",
    }


def _cannot(path: str) -> ParameterError:
    return ParameterError(f"This property cannot be expanded ({path}).", param="expand")

from collections.abc import Callable

import pytest

from devstack.stripe_emulator import charges, refunds
from devstack.stripe_emulator.errors import MissingObjectError, ParameterError
from devstack.stripe_emulator.expansion import expand
from devstack.stripe_emulator.lists import lister
from devstack.stripe_emulator.shapes import JsonObject
from devstack.stripe_emulator.store import Store

Run = Callable[..., JsonObject]
ORDER = {"amount": "1000", "currency": "usd", "source": "tok_visa"}
NOW = 1_800_000_000
listed = lister("charge", "/v1/charges", "payment_intent")


@pytest.fixture
def ids(run: Run) -> list[str]:
    """Five charges, newest first."""
    return [run(charges.create, ORDER)["id"] for _ in range(5)][::-1]


def shown(page: JsonObject) -> list[str]:
    return [item["id"] for item in page["data"]]


def test_pages_run_from_the_newest_to_the_oldest(run: Run, ids: list[str]) -> None:
    first = run(listed, {"limit": "2"})
    second = run(listed, {"limit": "2", "starting_after": ids[1]})
    last = run(listed, {"limit": "2", "starting_after": ids[3]})

    assert [shown(first), shown(second), shown(last)] == [ids[:2], ids[2:4], ids[4:]]
    assert [first["has_more"], second["has_more"], last["has_more"]] == [True, True, False]


def test_pages_run_backwards_too(run: Run, ids: list[str]) -> None:
    page = run(listed, {"limit": "2", "ending_before": ids[3]})

    assert (shown(page), page["has_more"]) == (ids[1:3], True)


@pytest.mark.parametrize(
    ("created", "found"),
    [
        ({"created": str(NOW)}, 5),
        ({"created[gte]": str(NOW)}, 5),
        ({"created[gt]": str(NOW)}, 0),
        ({"created[lt]": str(NOW)}, 0),
        ({"created[gte]": str(NOW - 60), "created[lte]": str(NOW + 60)}, 5),
    ],
)
def test_lists_are_narrowed_by_time(
    run: Run, ids: list[str], created: dict[str, str], found: int
) -> None:
    assert len(run(listed, created)["data"]) == found == (len(ids) if found else 0)


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x"])
def test_the_limit_is_bounded(run: Run, limit: str) -> None:
    with pytest.raises(ParameterError):
        run(listed, {"limit": limit})


def test_cursors_must_exist(run: Run) -> None:
    with pytest.raises(MissingObjectError):
        run(listed, {"starting_after": "ch_none"})


def test_expansion_reaches_into_lists_and_objects(run: Run, store: Store, ids: list[str]) -> None:
    run(refunds.create, {"charge": ids[0], "amount": "100"})
    page = run(lister("refund", "/v1/refunds", "charge"), {"charge": ids[0]})

    expanded = expand(store, page, ["data.charge.refunds", "data.payment_intent"])

    (refund,) = expanded["data"]
    assert refund["charge"]["id"] == ids[0]
    assert refund["charge"]["refunds"]["data"][0]["amount"] == 100
    assert refund["payment_intent"] is None


@pytest.mark.parametrize("path", ["colour", "status", "a.b.c.d.e"])
def test_what_cannot_be_expanded_is_refused(run: Run, store: Store, path: str) -> None:
    with pytest.raises(ParameterError):
        expand(store, run(charges.create, ORDER), [path])

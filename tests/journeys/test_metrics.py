"""What the processes of a running shop show of a purchase, to operators alone."""

import re

import httpx

from tests.architecture.source_tree import ROOT
from tests.architecture.test_metrics import ROW
from tests.support.metrics import shown_at
from tests.support.people import Admin, Shop, Shopper, eventually, ok

# An id of the shop, a UUID, an email address, or so many digits that they name something.
ID = re.compile(r"[0-9a-hj-km-np-tv-z]{26}|[0-9a-f]{8}-[0-9a-f]{4}-|@|\d{6,}")
OWN = re.compile(r"(?:process|python)_")


def table() -> set[str]:
    """The families of docs/operations.md."""
    text = (ROOT / "docs/operations.md").read_text()
    return {row[1] for row in ROW.finditer(text)}


def test_a_purchase_is_seen_in_every_family_and_by_no_id(
    shop: Shop, admin: Admin, shopper: Shopper
) -> None:
    thing = admin.add_product(quantity=10)
    shopper.put_in_cart(thing["id"], 1)
    order = shopper.check_out()
    ok(shopper.pay(order), 201)
    shopper.order_when(order["id"], "completed")
    processes = shop.ready["processes"].values()

    def missing() -> set[str]:
        names = {each.name for process in processes for each in shown_at(process["ops"])}
        return {name for name in table() if not names & {name, f"{name}_count"}}

    eventually(missing, lambda names: not names, seconds=60)
    samples = [each for process in processes for each in shown_at(process["ops"])]
    values = {
        value for each in samples if not OWN.match(each.name) for value in each.labels.values()
    }
    assert not [value for value in values if ID.search(value)]
    assert not values & {thing["id"], order["id"], shopper.user["id"]}
    checkout = {"route": "/api/cart/checkout", "method": "POST", "status": "201"}
    assert any(each.name == "http_requests_total" and each.labels == checkout for each in samples)
    assert any(each.name == "checkouts_total" and each.value for each in samples)


def test_the_public_sees_no_metrics(shop: Shop) -> None:
    assert httpx.get(f"{shop.url}/metrics").status_code == 404

"""What was really taken: net charges per order, and the account's balance from them."""

from collections import defaultdict

from .ledger import Call
from .shapes import JsonObject
from .store import Store


def net_charges(store: Store) -> list[JsonObject]:
    """One entry per PaymentIntent, or per charge that has none, oldest first.

    Each has `payment_intent`, `charges` (ids of those that were captured), `metadata`,
    `currency`, and in minor units `captured`, `refunded` and `net`.
    """
    refunded: dict[str, int] = defaultdict(int)
    for refund in store.everything("refund"):
        if refund["status"] != "failed":
            refunded[refund["charge"]] += refund["amount"]
    entries: dict[str, JsonObject] = {}
    for charge in store.everything("charge"):
        if not (charge["paid"] and charge["captured"]):
            continue
        entry = entries.setdefault(charge["payment_intent"] or charge["id"], _entry(charge))
        entry["charges"].append(charge["id"])
        entry["captured"] += charge["amount_captured"]
        entry["refunded"] += refunded[charge["id"]]
        entry["net"] = entry["captured"] - entry["refunded"]
    return list(entries.values())


def retrieve(call: Call) -> JsonObject:
    """GET /v1/balance: the emulator takes no fee and pays out at once available."""
    call.params.only()
    totals: dict[str, int] = defaultdict(int)
    for entry in net_charges(call.ledger.store):
        totals[entry["currency"]] += entry["net"]
    available = [
        {"amount": amount, "currency": currency, "source_types": {"card": amount}}
        for currency, amount in sorted(totals.items())
    ]
    return {"object": "balance", "available": available, "livemode": False, "pending": []}


def _entry(charge: JsonObject) -> JsonObject:
    return {
        "payment_intent": charge["payment_intent"],
        "charges": [],
        "metadata": charge["metadata"],
        "currency": charge["currency"],
        "captured": 0,
        "refunded": 0,
        "net": 0,
    }

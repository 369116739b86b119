"""Stripe's emulator, as a test handles it."""

from dataclasses import dataclass

import httpx


@dataclass(frozen=True)
class Emulator:
    """A running emulator.

    Attributes:
        url: Where it is.
        secret_key: The key that it takes.
    """

    url: str
    secret_key: str

    def switch_on(self, kind: str, **fault: object) -> None:
        """Have it fail."""
        body = {"kind": kind, "match": {"path": "/v1/*"}} | fault
        httpx.post(f"{self.url}/_emulator/faults", json=body).raise_for_status()

    def clear(self) -> None:
        """Have it work."""
        httpx.delete(f"{self.url}/_emulator/faults").raise_for_status()

    def answer_challenge(self, stripe_id: str, passed: bool) -> None:
        """The shopper has been to their bank."""
        answer = "complete" if passed else "fail"
        httpx.post(f"{self.url}/_emulator/3ds/{stripe_id}/{answer}").raise_for_status()

    def refund_by_hand(self, stripe_id: str, amount_minor: int) -> str:
        """Give money back as Stripe's dashboard does."""
        form = {"payment_intent": stripe_id, "amount": amount_minor}
        answer = httpx.post(f"{self.url}/v1/refunds", data=form, auth=(self.secret_key, ""))
        refund_id: str = answer.raise_for_status().json()["id"]
        return refund_id

    def fail_refund(self, refund_id: str) -> None:
        """The card's bank did not take the money."""
        httpx.post(f"{self.url}/_emulator/refunds/{refund_id}/failed").raise_for_status()

    def return_url(self, stripe_id: str) -> str:
        """Where the bank sends the shopper."""
        answer = httpx.get(f"{self.url}/v1/payment_intents/{stripe_id}", auth=(self.secret_key, ""))
        url: str = answer.json()["next_action"]["redirect_to_url"]["return_url"]
        return url

    def net_charges(self, order_id: str) -> list[int]:
        """What is left of each charge of an order, where anything is."""
        wanted = {"metadata[order_id]": order_id}
        answer = httpx.get(f"{self.url}/_emulator/charges", params=wanted)
        return [entry["net"] for entry in answer.json()["data"] if entry["net"]]

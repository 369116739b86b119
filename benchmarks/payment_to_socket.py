"""How long from a payment's answer to its message on the shopper's socket, beside raw Kafka?

A shopper orders, pays, and looks at the clock when the payment is acknowledged and when the socket
has said so. Raw Kafka is one record from being sent to being consumed, where the message has gone
through an outbox, a relay, Kafka, a consumer, a log in MongoDB, a stream and a gateway.
"""

import asyncio
import json
import time
from collections.abc import Sequence

import httpx
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.harness import Bench, Comparison, Person, Sample, Shop, Side, at_most, settled
from benchmarks.harness.comparison import percentile

PAYMENTS_A_SECOND = 10
PATIENCE_SECONDS = 30


async def compare(bench: Bench) -> Sequence[Comparison]:
    """Payments one after the other, and records one after the other."""
    shop = await bench.shop()
    product = (await shop.product_ids(1))[0]
    raw = await bench.reference("kafka_round", shop.ready["servers"]["kafka"])
    await settled(shop)

    async def paid(seconds: float) -> Sample:
        count = max(1, int(seconds * PAYMENTS_A_SECOND))
        return _sample(await _payments(shop, shop.shopper(), product, count))

    async def consumed(seconds: float) -> Sample:
        count = max(1, int(seconds * PAYMENTS_A_SECOND))
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            return _sample((await client.get(f"{raw.url}/{count}")).raise_for_status().json())

    kafka = {**raw.pids, "kafka": shop.pids["kafka"]}
    limits = {"p50 ms": at_most(3), "p99 ms": at_most(4)}
    subject = Side("payment acknowledged → socket", paid, shop.pids)
    return [Comparison(subject, Side("raw produce → consume", consumed, kafka), limits)]


async def _payments(shop: Shop, person: Person, product: str, count: int) -> list[float]:
    """Milliseconds from answer to message of so many payments; 0 where the message was first."""
    cookie = {"Cookie": f"session={person.token}"}
    address = f"{shop.url.replace('http', 'ws', 1)}/ws/notifications"
    took = []
    async with (
        httpx.AsyncClient(base_url=shop.url, headers=cookie, timeout=PATIENCE_SECONDS) as client,
        connect(address, additional_headers=cookie) as socket,
    ):
        for _ in range(count):
            lines = {"items": [{"productId": product, "quantity": 1}]}
            made = (await client.post("/api/orders", json=lines)).raise_for_status()
            order = made.json()["order"]["id"]
            hearing = asyncio.create_task(_heard(socket, order))
            body = {"orderId": order, "paymentMethodId": "pm_card_visa"}
            (await client.post("/api/payments", json=body)).raise_for_status()
            answered = time.perf_counter()
            async with asyncio.timeout(PATIENCE_SECONDS):
                took.append(max(0.0, await hearing - answered) * 1000)
    return took


async def _heard(socket: ClientConnection, order: str) -> float:
    """When the socket said that the order was paid."""
    while True:
        message = json.loads(await socket.recv())
        if message["type"] == "payment.created" and message["data"]["orderId"] == order:
            return time.perf_counter()


def _sample(took: Sequence[float]) -> Sample:
    figures = {"p50 ms": percentile(took, 50), "p99 ms": percentile(took, 99)}
    return Sample(figures, len(took))

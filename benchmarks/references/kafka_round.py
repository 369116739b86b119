"""Raw Kafka: how long from sending a record to having consumed it.

python -m benchmarks.references.kafka_round PORT KAFKA_URL

GET /COUNT sends so many, one after the other, and answers the milliseconds that each took.
"""

import sys
import time

from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from benchmarks.references.serving import serve
from chassis.ids import new_id

CONTENT = b"x" * 300


class Round:
    """A topic of its own, with a producer and a consumer that reads it from the end."""

    def __init__(self, url: str) -> None:
        self._topic = f"bench-{new_id()}"
        self._producer = KafkaProducer(bootstrap_servers=url, acks="all", linger_ms=0)
        # The first record makes the topic.
        partition = self._send()
        self._consumer = KafkaConsumer(bootstrap_servers=url, fetch_max_wait_ms=500)
        self._consumer.assign([TopicPartition(self._topic, partition)])
        self._consumer.seek_to_end()
        self._consumer.position(TopicPartition(self._topic, partition))
        self._partition = partition

    def _send(self, partition: int | None = None) -> int:
        sent = self._producer.send(self._topic, CONTENT, partition=partition)
        return int(sent.get(timeout=30).partition)

    def once(self) -> float:
        """Milliseconds from sending to having consumed."""
        began = time.perf_counter()
        self._producer.send(self._topic, CONTENT, partition=self._partition)
        while not self._consumer.poll(timeout_ms=1000):
            pass
        return (time.perf_counter() - began) * 1000


def main() -> None:
    """The command line above."""
    port, url = sys.argv[1:]
    kafka = Round(url)

    def answer(http: Request) -> JSONResponse:
        count = int(http.path_params["count"])
        return JSONResponse([kafka.once() for _ in range(count)])

    serve(Starlette(routes=[Route("/{count}", answer)]), int(port))


if __name__ == "__main__":
    main()

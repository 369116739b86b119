"""kafka-python's clients, set up for the shop: their time-outs, their sockets and their logs."""

import logging
import socket
import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.errors import KafkaConnectionError
from kafka.net.compat import KafkaNetClient
from kafka.net.manager import KafkaConnectionManager
from kafka.net.selector import NetworkSelector

from chassis.kafka.member import IDLE_FETCH_MS

C = TypeVar("C")

DEFAULT_PORT = 9092
# A publish that took this long is given up; the sweep publishes again later.
DELIVERY_MS = 8_000
REQUEST_MS = 5_000
BLOCK_MS = 1_000
BOOTSTRAP_MS = 2_000
RECONNECT_MS = 1_000
# How soon a consumer that was killed is replaced.
SESSION_MS = 10_000
HEARTBEAT_MS = 3_000
MAX_POLL_RECORDS = 200
READER_WAIT_MS = 400
READER_METADATA_MS = 10_000
# What kafka-python says while Kafka is unreachable: many lines a second, each of them an error.
CHATTY_LOGGERS = (
    "kafka.net",
    "kafka.cluster",
    "kafka.consumer",
    "kafka.coordinator",
    "kafka.producer",
)


class KafkaClients:
    """Makes clients of one Kafka. All methods block, and raise KafkaError while it is unreachable.

    Args:
        url: Bootstrap servers, `host:port` with commas between.
        client_id: This process, such as `svc_orders`.
        max_poll_records: How many records a consumer's poll brings at most.
    """

    def __init__(self, url: str, client_id: str, max_poll_records: int = MAX_POLL_RECORDS) -> None:
        self._servers = [server.strip() for server in url.split(",")]
        self._client_id = client_id
        self._max_poll_records = max_poll_records
        self._consuming: NetworkSelector | None = None
        self._lock = threading.Lock()
        _quiet_loggers()

    def producer(self) -> KafkaProducer:
        """A producer that knows of each record whether all in-sync replicas have it."""
        return self._built(
            KafkaProducer,
            acks="all",
            enable_idempotence=True,
            # They are made with settings of ours.
            allow_auto_create_topics=False,
            max_block_ms=BLOCK_MS,
            delivery_timeout_ms=DELIVERY_MS,
            request_timeout_ms=REQUEST_MS,
            reconnect_backoff_max_ms=RECONNECT_MS,
            metrics_enabled=False,
        )

    def consumer(self, group: str) -> KafkaConsumer:
        """A consumer of `group` that commits only by `commit`.

        All consumers made here share the thread in which they talk to Kafka.
        """
        return self._built(
            KafkaConsumer,
            make_client=partial(_SharingClient, self._shared()),
            group_id=group,
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            auto_offset_reset="earliest",
            max_poll_records=self._max_poll_records,
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=HEARTBEAT_MS,
            # A heartbeat without an answer is given up when the session is.
            request_timeout_ms=SESSION_MS,
            fetch_max_wait_ms=IDLE_FETCH_MS,
            reconnect_backoff_max_ms=RECONNECT_MS,
            metrics_enabled=False,
        )

    def reader(self) -> KafkaConsumer:
        """A consumer without a group that reads from where `seek` puts it; for one thread.

        Where that is no longer there, its polls raise OffsetOutOfRangeError.
        """
        return self._built(
            KafkaConsumer,
            group_id=None,
            enable_auto_commit=False,
            allow_auto_create_topics=False,
            auto_offset_reset="none",
            request_timeout_ms=REQUEST_MS,
            # New partitions are found by then.
            metadata_max_age_ms=READER_METADATA_MS,
            # What else is asked waits for the fetch before it, on the same connection.
            fetch_max_wait_ms=READER_WAIT_MS,
            reconnect_backoff_max_ms=RECONNECT_MS,
            metrics_enabled=False,
        )

    def admin(self) -> KafkaAdminClient:
        """A client that can make topics."""
        return self._built(KafkaAdminClient, request_timeout_ms=REQUEST_MS)

    def answers(self) -> bool:
        """Whether one of the servers takes connections."""
        try:
            _answering(self._servers)
        except KafkaConnectionError:
            return False
        return True

    def close(self) -> None:
        """End the thread of the consumers, which are closed."""
        with self._lock:
            shared, self._consuming = self._consuming, None
        if shared is not None:
            shared.close()

    def _shared(self) -> NetworkSelector:
        """What runs the thread of the consumers; a new one where it broke down."""
        with self._lock:
            if self._consuming is None or self._consuming._exception:  # noqa: SLF001
                self._consuming = NetworkSelector(client_id=self._client_id)
                # Consumers that are made at the same time would each start a thread of it.
                self._consuming.start()
            return self._consuming

    def _built(
        self,
        make: Callable[..., C],
        *,
        make_client: Callable[..., KafkaNetClient] = KafkaNetClient,
        **options: Any,
    ) -> C:
        """`make` with `options`; where that fails, its sockets and threads are gone too."""
        servers = _answering(self._servers)
        clients: list[Any] = []

        def client(**settings: Any) -> Any:
            clients.append(make_client(**settings))
            return clients[-1]

        try:
            return make(
                kafka_client=client,
                bootstrap_servers=servers,
                bootstrap_timeout_ms=BOOTSTRAP_MS,
                client_id=self._client_id,
                **options,
            )
        except BaseException:
            for each in clients:
                each.close()
            raise


class _SharingClient(KafkaNetClient):  # type: ignore[misc]  # kafka is untyped
    """A client in a thread that it shares with others, and so does not end."""

    def __init__(self, shared: NetworkSelector, **settings: Any) -> None:
        super().__init__(net=shared, manager=_Connections(shared, **settings))

    def close(self, node_id: Any = None) -> None:
        self._manager.close(node_id=node_id)


class _Connections(KafkaConnectionManager):  # type: ignore[misc]  # kafka is untyped
    """Connections that look for idle ones among them only as long as they are there."""

    def close_idle_connections(self) -> None:
        if not getattr(self, "closed", False):
            super().close_idle_connections()


def _answering(servers: Sequence[str]) -> list[str]:
    """Those of `servers` that can be connected to.

    kafka-python would try each many times, and leave the sockets to the garbage collector.

    Raises:
        KafkaConnectionError: There is none.
    """
    there, failure = [], None
    for server in servers:
        address = urlsplit(f"//{server}")
        place = (address.hostname or "", address.port or DEFAULT_PORT)
        try:
            socket.create_connection(place, BOOTSTRAP_MS / 1000).close()
        except OSError as error:
            failure = error
        else:
            there.append(server)
    if not there:
        raise KafkaConnectionError(f"{', '.join(servers)}: {failure}")
    return there


def _quiet_loggers() -> None:
    """Let kafka-python speak only of what the shop cannot tell better itself."""
    logging.getLogger("kafka").setLevel(logging.ERROR)
    for name in CHATTY_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)

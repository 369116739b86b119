"""One gRPC service from start to drain: what every `__main__` wires its parts with."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar

import grpc
import structlog
from pymongo.asynchronous.database import AsyncDatabase
from shop.ops.v1 import (
    audit_pb2_grpc,
    logs_pb2_grpc,
    ops_pb2_grpc,
    outbox_pb2_grpc,
    system_pb2,
    system_pb2_grpc,
)

from chassis import process
from chassis.auth.revocation_stream import KnownRevocations, connect_stream
from chassis.auth.revocations import RedisRevocations, connect_redis
from chassis.auth.tokens import TokenVerifier
from chassis.consumers.consumers import Consumers
from chassis.consumers.dead_letters import INDEXES as DEAD_LETTER_INDEXES
from chassis.consumers.dead_letters import MongoDeadLetters
from chassis.consumers.dead_letters_rpc import OpsRpc
from chassis.consumers.replays import DeadLetters
from chassis.errors import Unavailable
from chassis.events import Subscription
from chassis.http.probes import Check, OpsServer, Probes
from chassis.ids import new_id
from chassis.kafka.client import Kafka
from chassis.kafka.lag import GroupLag
from chassis.mongo.audit_log import INDEXES as AUDIT_INDEXES
from chassis.mongo.audit_log import AuditLog
from chassis.mongo.client import Document, Index, connect, ensure_indexes
from chassis.mongo.leases import Lease
from chassis.outbox import metrics as outbox_metrics
from chassis.outbox.outbox import Encode, EncodeDeferred, Outbox
from chassis.outbox.rejected_events import INDEXES as REJECTED_INDEXES
from chassis.outbox.rejected_events import RejectedEvents
from chassis.outbox.rejected_events_rpc import OutboxRpc
from chassis.outbox.relay import Relay
from chassis.resilience.backoff import Backoff
from chassis.resilience.circuit_breakers import FAR, CircuitBreakers, NewBreaker
from chassis.resilience.redis_library import Redis
from chassis.rpc.audit_rpc import AuditRpc
from chassis.rpc.channel import ServiceToken, callers_token, open_channel, public_keys
from chassis.rpc.guard import Guard
from chassis.rpc.logs_rpc import LogRpc
from chassis.rpc.process_report import ProcessReport, Remembered
from chassis.rpc.server import RpcServer
from chassis.rpc.status import DetailTable
from chassis.rpc.system_rpc import SystemRpc
from chassis.rpc.values import timestamp_message
from chassis.settings.environment import ServiceSettings
from chassis.tasks import cancel, repeat, run_until
from chassis.telemetry import metrics
from chassis.telemetry.log_levels import levels
from chassis.telemetry.metrics import Scrapes

log = structlog.get_logger(__name__)

REPLAY_EVERY = timedelta(seconds=10)
_KEYS_BACKOFF = Backoff(longest=0.5)

S = TypeVar("S", bound=ServiceSettings)
Stub = TypeVar("Stub")


def run(name: str, settings: type[S], wire: Callable[["Service[S]"], Awaitable[None]]) -> None:
    """Start the service, serve until SIGTERM, and drain."""

    async def main(values: S, stopping: asyncio.Event) -> None:
        async with AsyncExitStack() as stack:
            await Service(name, values, stack).run(wire, stopping)

    process.run(name, settings, main)


class Service(Generic[S]):
    """A gRPC service being wired.

    Args:
        name: Such as `svc_cart`.
        settings: Its settings.
        stack: Closes at the very end what the service has opened.

    Attributes:
        scrapes: Has metrics asked for before they are shown.
    """

    def __init__(self, name: str, settings: S, stack: AsyncExitStack) -> None:
        self.name = name
        self.settings = settings
        self._stack = stack
        self._breakers = CircuitBreakers(settings.circuit_breaker_failures)
        stack.push_async_callback(self._breakers.aclose)
        auth = self._channel("svc_auth", settings.auth_url)
        self._token = ServiceToken(auth, name, settings.client_secret)
        self._redis = connect_redis(settings.redis_url, breaker=partial(self._breakers.of, "redis"))
        stack.push_async_callback(self._redis.aclose)
        self._fetch_keys = public_keys(auth)
        stream = connect_stream(settings.redis_url)
        stack.push_async_callback(stream.aclose)
        self._revocations = KnownRevocations(stream, RedisRevocations(self._redis))
        self._verifier = TokenVerifier(self._keys, self._revocations)
        self._guard = Guard(self._verifier)
        self._server = RpcServer(self._guard)
        self.serve(logs_pb2_grpc.add_LogServiceServicer_to_server, LogRpc(name, levels))
        self._checks: dict[str, Check] = {"keys": self._verifier.ensure_keys}
        self._reported: dict[str, Check] = {}
        self._kafka = Kafka(settings.kafka_url, source=name, replication=settings.kafka_replication)
        stack.push_async_callback(self._kafka.close)
        self._outboxes: list[Outbox] = []
        self._relays: list[Relay] = []
        self._subscriptions: Sequence[Subscription] = ()
        self._consumers: Consumers | None = None
        self._draining: list[Callable[[], None]] = []
        self._sweeps: list[tuple[timedelta, str, Callable[[], Awaitable[None]]]] = []
        self._database: AsyncDatabase[Document] | None = None
        self.scrapes = Scrapes()

    # What `wire` may call.

    async def database(self, indexes: Sequence[Index]) -> AsyncDatabase[Document]:
        """The service's own database, once it answers, with these indexes made."""
        database = await connect(self.settings.mongodb_url)
        self._stack.push_async_callback(database.client.close)
        await ensure_indexes(
            database, [*indexes, *DEAD_LETTER_INDEXES, *REJECTED_INDEXES, *AUDIT_INDEXES]
        )
        self._database = database
        audit_log = AuditLog(database)
        self._guard.record_in(audit_log)
        self.serve(
            audit_pb2_grpc.add_AuditServiceServicer_to_server,
            AuditRpc(audit_log, self.name.removeprefix("svc_")),
        )

        async def answers() -> None:
            await database.command("ping")

        self.ready_when("mongodb", answers)
        return database

    def outbox(
        self,
        collection: str,
        encode: Encode,
        *,
        encode_deferred: EncodeDeferred | None = None,
        gathers: bool = False,
    ) -> Outbox:
        """The outbox of the documents of `collection`; its relay starts with the service."""
        outbox = Outbox(
            self._own_database()[collection],
            encode,
            encode_deferred=encode_deferred,
            gathers=gathers,
        )
        self._outboxes.append(outbox)
        return outbox

    def stub(
        self,
        make: Callable[[grpc.aio.Channel], Stub],
        peer: str,
        url: str,
        *,
        as_service: bool = False,
    ) -> Stub:
        """The stub of a peer, such as `svc_orders`, which is at `url`.

        It calls for the caller of the call being served, or for this service itself.
        """
        return make(self._channel(peer, url, self._token if as_service else callers_token))

    def breaker(self, name: str) -> NewBreaker:
        """Makes the circuit breaker of something outside, such as `stripe`."""
        return partial(self._breakers.of, name, backoff=FAR)

    def redis(self) -> Redis:
        """The connection to Redis."""
        return self._redis

    def use_keys(self, keys: Callable[[], list[dict[str, Any]]]) -> None:
        """Verify tokens with these keys, rather than with those that svc_auth gives out."""

        async def local() -> list[dict[str, Any]]:
            return keys()

        self._fetch_keys = local

    def serve(
        self,
        add_to_server: Callable[[Any, Any], None],
        servicer: Any,
        *,
        details: DetailTable | None = None,
    ) -> None:
        """Serve `servicer`, its refusals with these typed details."""
        self._server.add(add_to_server, servicer)
        self._guard.add_details(details or {})

    def consume(self, subscriptions: Sequence[Subscription]) -> None:
        """Take these events."""
        self._subscriptions = subscriptions

    def every(self, pause: timedelta, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do `work` again and again with `pause` between; a failure is logged, and it goes on."""
        self._sweeps.append((pause, name, work))

    def ready_when(self, name: str, check: Check) -> None:
        """Be ready only while `check` passes."""
        self._checks[name] = check

    def on_drain(self, stop: Callable[[], None]) -> None:
        """Call `stop` when the service begins to drain: calls that would not end by themselves."""
        self._draining.append(stop)

    def on_stop(self, close: Callable[[], Awaitable[None]]) -> None:
        """Call `close` when the service has drained."""
        self._stack.push_async_callback(close)

    # From start to drain.

    async def run(
        self, wire: Callable[["Service[S]"], Awaitable[None]], stopping: asyncio.Event
    ) -> None:
        """Serve until `stopping` is set.

        Raises:
            StartError: A port is taken.
        """
        probes = Probes(self.name, self._checks, self._reported)
        scrapes = self.scrapes if metrics.are_on() else None
        ops = OpsServer(probes, scrapes, self.settings.host, self.settings.ops_port)
        self._checks["started"] = self._not_serving
        await ops.start()
        self._stack.push_async_callback(ops.stop)
        following = asyncio.create_task(self._revocations.run())
        self._stack.push_async_callback(cancel, [following])
        started = time.monotonic()
        if not await run_until(stopping, self._prepare(wire)):
            return
        sweeps = await self._start()
        log.info("started", seconds=round(time.monotonic() - started, 1))
        await stopping.wait()
        self._checks["draining"] = self._not_serving
        await self._drain(sweeps)
        log.info("stopped")

    async def _prepare(self, wire: Callable[["Service[S]"], Awaitable[None]]) -> None:
        """Wire, and wait for the keys of tokens: no call can be served before."""
        await wire(self)
        self._serve_operators()
        failures = 0
        while True:
            try:
                return await self._verifier.ensure_keys()
            except Unavailable:
                failures += 1
                await asyncio.sleep(_KEYS_BACKOFF.pause(failures))

    def _serve_operators(self) -> None:
        """Serve shop.ops.v1, and begin with the events that are taken."""
        if (database := self._database) is None:
            return
        store = MongoDeadLetters(database)
        letters = DeadLetters(store, self.name, self._subscriptions)
        self.serve(ops_pb2_grpc.add_OpsServiceServicer_to_server, OpsRpc(letters, self.name))
        rejected = RejectedEvents(database)
        outbox_metrics.measure_rejected(self.scrapes, rejected)
        self.serve(
            outbox_pb2_grpc.add_OutboxServiceServicer_to_server,
            OutboxRpc(rejected, self._kafka, self._relays),
        )
        report = self._report(store.count, rejected.count)
        self.serve(system_pb2_grpc.add_SystemServiceServicer_to_server, SystemRpc(report))
        if not self._subscriptions:
            return
        self._consumers = consumers = Consumers(self.name, self._kafka, self._subscriptions, store)
        consumers.measure(self.scrapes)
        lease = Lease(database, "dead_letters", new_id())
        self.every(REPLAY_EVERY, "dead letters", lambda: letters.replay_due(lease.take))

        async def assigned() -> None:
            if not consumers.ready():
                raise ConnectionError("waiting for partitions")

        # Calls need no events: a service that starts while Kafka is unreachable serves them.
        self._reported["kafka"] = assigned

    def _report(
        self,
        dead_letters: Callable[[], Awaitable[int]],
        rejected: Callable[[], Awaitable[int]],
    ) -> ProcessReport:
        """The report of this process, with what waits here."""
        name = self.name.removeprefix("svc_")
        report = ProcessReport(name, self.settings, self._checks, self._reported)
        lag = Remembered(self._lag)

        async def outboxes(process: system_pb2.Process) -> None:
            for relay in self._relays:
                backlog = await relay.backlog()
                oldest = timestamp_message(backlog.oldest) if backlog.oldest else None
                process.outboxes.add(
                    collection=relay.collection, entries=backlog.entries, oldest_at=oldest
                )

        async def dead(process: system_pb2.Process) -> None:
            process.dead_letters = await dead_letters()

        async def rejections(process: system_pb2.Process) -> None:
            process.rejected_events = await rejected()

        async def behind(process: system_pb2.Process) -> None:
            for each in await lag():
                process.consumer_lag.add(group=each.group, topic=each.topic, events=each.events)

        report.parts |= {
            "outboxes": outboxes,
            "dead_letters": dead,
            "rejected_events": rejections,
            "consumer_lag": behind,
        }
        return report

    async def _lag(self) -> Sequence[GroupLag]:
        return await self._consumers.lag() if self._consumers else ()

    async def _start(self) -> list[asyncio.Task[None]]:
        for outbox in self._outboxes:
            await ensure_indexes(self._own_database(), [outbox.index])
            self._relays.append(Relay(outbox, self._kafka))
            self._relays[-1].start()
        outbox_metrics.measure(self.scrapes, self._relays)
        await self._server.start(self.settings.host, self.settings.grpc_port)
        if self._consumers:
            self._consumers.start()
        sweeps = [asyncio.create_task(repeat(*sweep)) for sweep in self._sweeps]
        del self._checks["started"]
        return sweeps

    async def _drain(self, sweeps: Sequence[asyncio.Task[None]]) -> None:
        """Stop accepting, finish calls, leave the groups, publish what waits."""
        seconds = self.settings.drain.total_seconds()
        for stop in self._draining:
            stop()
        await cancel(sweeps)
        await self._server.stop(seconds / 2)
        if self._consumers:
            await self._consumers.stop()
        for relay in self._relays:
            await relay.drain(seconds / 4)
            await relay.stop()

    def _channel(
        self, peer: str, url: str, token: Callable[[], Awaitable[str]] | None = None
    ) -> grpc.aio.Channel:
        channel = open_channel(url, token, breaker=partial(self._breakers.of, peer))
        self._stack.push_async_callback(channel.close)
        return channel

    def _own_database(self) -> AsyncDatabase[Document]:
        if self._database is None:
            raise TypeError("ask for the database first")
        return self._database

    async def _keys(self) -> list[dict[str, Any]]:
        return await self._fetch_keys()

    async def _not_serving(self) -> None:
        raise ConnectionError("not serving")

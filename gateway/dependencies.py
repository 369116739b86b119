"""What the gateway needs of the world: services, live messages, events, Redis."""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from chassis.auth.revocation_stream import RevocationStream, connect_stream
from chassis.auth.revocations import RedisRevocations, connect_redis
from chassis.auth.tokens import TokenVerifier
from chassis.http.probes import Check
from chassis.kafka.clients import KafkaClients
from chassis.kafka.follower import Follower, TopicFeed
from chassis.resilience.circuit_breakers import CircuitBreakers
from chassis.resilience.rate_limits import RateLimits, RedisCounters
from chassis.rpc.channel import ServiceToken, open_channel, public_keys
from gateway.http.credentials import Verifier, Verify
from gateway.live.log import MessageLog, NotifyLog
from gateway.live.registry import Registry
from gateway.protojson.encode import Encoders
from gateway.settings import Settings
from gateway.transcoding.channels import Calls, Channels

CLIENT_ID = "gateway"


@dataclass(frozen=True)
class Dependencies:
    """The world, as ports.

    Attributes:
        calls: The services.
        message_log: The log of live messages.
        verifier: Verifies access tokens, in two steps.
        verify: Both of them.
        counted: What callers have done, to be limited.
        hear_changes: Tells of the events of topics; runs until cancelled.
        hear_revocations: Closes sockets whose sessions are revoked; runs until cancelled.
        checks: What must pass for the gateway to be ready.
        watched: What is reported beside that: without Redis the public catalogue goes on.
        services: Proto package -> state of the connection to its service.
        close: Lets go of all of it.
    """

    calls: Calls
    message_log: MessageLog
    verifier: Verifier
    verify: Verify
    counted: RateLimits
    hear_changes: Callable[[Collection[str], Follower], Coroutine[Any, Any, None]]
    hear_revocations: Callable[[Registry], Coroutine[Any, Any, None]]
    checks: Mapping[str, Check]
    watched: dict[str, Check]
    services: Callable[[], Mapping[str, str]]
    close: Callable[[], Awaitable[None]]


def connect(settings: Settings, encoders: Encoders) -> Dependencies:
    """The real world. Nothing waits for it: what is unreachable is so for those who ask."""
    stack = AsyncExitStack()
    breakers = CircuitBreakers(settings.circuit_breaker_failures)
    channels = Channels(settings.address_of, breakers, settings.services)
    auth = open_channel(settings.auth_url, breaker=partial(breakers.of, "svc_auth"))
    redis = connect_redis(settings.redis_url, breaker=partial(breakers.of, "redis"))
    stream = connect_stream(settings.redis_url)
    verifier = TokenVerifier(public_keys(auth), RedisRevocations(redis))
    token = ServiceToken(auth, CLIENT_ID, settings.client_secret)
    live = open_channel(settings.notify_url, token, breaker=partial(breakers.of, "svc_notify"))
    events = KafkaClients(settings.kafka_url, CLIENT_ID)
    closing = (redis.aclose, stream.aclose, auth.close, live.close, channels.close, breakers.aclose)
    for close in closing:
        stack.push_async_callback(close)

    async def redis_answers() -> None:
        await redis.ping()

    return Dependencies(
        calls=channels,
        message_log=NotifyLog(live, encoders),
        verifier=verifier,
        verify=verifier.verify,
        counted=RateLimits(RedisCounters(redis)),
        hear_changes=lambda topics, follower: TopicFeed(events, topics, follower).run(),
        hear_revocations=lambda registry: RevocationStream(stream, registry.revoke).run(),
        checks={"keys": verifier.ensure_keys},
        watched={"redis": redis_answers},
        services=channels.states,
        close=stack.aclose,
    )

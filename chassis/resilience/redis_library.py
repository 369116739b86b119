"""Redis's client, without what it would load beside.

Where it is installed, it loads OpenTelemetry's SDK, for metrics of its own: 2.5 MB that nothing
here uses. So all of the shop takes the client from here.
"""

from chassis.imports import hidden

with hidden("opentelemetry.metrics", "opentelemetry.sdk.metrics"):
    from redis.asyncio import Redis
    from redis.asyncio.client import Pipeline
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError as RedisConnectionError
    from redis.exceptions import RedisError, WatchError
    from redis.exceptions import TimeoutError as RedisTimeoutError

__all__ = [
    "NoBackoff",
    "Pipeline",
    "Redis",
    "RedisConnectionError",
    "RedisError",
    "RedisTimeoutError",
    "Retry",
    "WatchError",
]

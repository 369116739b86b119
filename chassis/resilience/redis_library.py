"""Redis's client, without what it would load beside.

Where it is installed, it loads OpenTelemetry's SDK, for metrics of its own: 2.5 MB that nothing
here uses. So all of the shop takes the client from here.
"""

import sys
from typing import Any, cast

_UNUSED = ("opentelemetry.metrics", "opentelemetry.sdk.metrics")

_modules = cast("dict[str, Any]", sys.modules)
_hidden = [name for name in _UNUSED if name not in _modules]
# What has None for a module cannot be imported.
_modules.update(dict.fromkeys(_hidden))
try:
    from redis.asyncio import Redis
    from redis.asyncio.client import Pipeline
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import ConnectionError as RedisConnectionError
    from redis.exceptions import RedisError, WatchError
    from redis.exceptions import TimeoutError as RedisTimeoutError
finally:
    for _name in _hidden:
        del _modules[_name]

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

"""Tells an outage from a fault: whether an error says that something is unreachable.

This is the one place that knows which errors of the drivers, of gRPC and of the shop itself mean
that a server or a service does not answer, so that the same again may well succeed later.
"""

from grpc import StatusCode
from grpc.aio import AioRpcError
from pymongo.errors import PyMongoError

from chassis.errors import Unavailable
from chassis.mongo.client import is_unreachable
from chassis.resilience.redis_library import RedisConnectionError, RedisTimeoutError

REDIS = (RedisConnectionError, RedisTimeoutError)
NO_ANSWER = (StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED)


def is_server_unreachable(error: BaseException) -> bool:
    """Whether MongoDB or Redis did not answer, or not with the majority that a write wants."""
    return is_unreachable(error) or isinstance(error, REDIS)


def is_outage(error: BaseException) -> bool:
    """Whether a server, a service or Stripe did not answer, or not in time.

    Ports say so by `Unavailable`, or by an error of their own that is one.
    """
    if isinstance(error, AioRpcError):
        return error.code() in NO_ANSWER
    # Among others what asyncio.timeout ends in, and what a connection is refused with.
    return is_server_unreachable(error) or isinstance(
        error, (Unavailable, TimeoutError, ConnectionError)
    )


def is_elsewhere(error: BaseException) -> bool:
    """Whether it is an outage, and neither of the own store nor merely an attempt that took long.

    Whether the own store answers can be found out by asking it; of anything else that a handler
    asks, such as another service, this error is all that is known.
    """
    return is_outage(error) and not isinstance(error, (PyMongoError, TimeoutError))

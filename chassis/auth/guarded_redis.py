"""A client of Redis behind a circuit breaker."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from chassis.resilience.circuit_breakers import CircuitBreaker, CircuitOpen, NewBreaker
from chassis.resilience.redis_library import (
    Pipeline,
    Redis,
    RedisConnectionError,
    RedisTimeoutError,
)

T = TypeVar("T")


class GuardedRedis(Redis):
    """Its commands and transactions fail at once, as in any outage, while the circuit is open.

    Attributes:
        breaker: The circuit breaker of the server; None for none.
    """

    breaker: CircuitBreaker | None = None

    def guard(self, new_breaker: NewBreaker) -> None:
        """Give it a circuit breaker."""
        # By the library's own method, as this one would ask the breaker.
        ask: Callable[..., Awaitable[Any]] = super().execute_command
        self.breaker = new_breaker(lambda: ask("PING"))

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """What the server answers to a command."""
        whole: Callable[..., Awaitable[Any]] = super().execute_command
        return await _guarded(self.breaker, lambda: whole(*args, **options))

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """Commands that are sent together."""
        pipeline = _GuardedPipeline(
            self.connection_pool, self.response_callbacks, transaction, shard_hint
        )
        pipeline.breaker = self.breaker
        return pipeline


class _GuardedPipeline(Pipeline):
    breaker: CircuitBreaker | None = None

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        whole = super().execute
        return await _guarded(self.breaker, lambda: whole(raise_on_error))


async def _guarded(breaker: CircuitBreaker | None, work: Callable[[], Awaitable[T]]) -> T:
    if breaker is None:
        return await work()
    try:
        return await breaker.call(work, _is_unanswered)
    except CircuitOpen as error:
        raise RedisConnectionError(str(error)) from error


def _is_unanswered(error: Exception) -> bool:
    return isinstance(error, (RedisConnectionError, RedisTimeoutError))

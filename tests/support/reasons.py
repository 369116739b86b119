"""Ways to be refused by a service's RPCs, held against the reasons that the contract declares."""

from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from google.protobuf.descriptor import ServiceDescriptor

from chassis.contract.rpc_rules import GENERAL_REASONS, rpc_of
from chassis.rpc.status import reason_in, status_of_error

W = TypeVar("W")
Pair = tuple[str, str]
"""An RPC's name and a reason."""


class Refusals(Generic[W]):
    """The known ways to be refused by RPCs, each tried on a new world.

    Args:
        new_world: Makes what a way is tried on.
    """

    def __init__(self, new_world: Callable[[], W]) -> None:
        self._new_world = new_world
        self._ways: list[tuple[Pair, Callable[[W], Awaitable[object]]]] = []

    def of(
        self, rpc: str, reason: str
    ) -> Callable[[Callable[[W], Awaitable[object]]], Callable[[W], Awaitable[object]]]:
        """Register a way that ends with a call of `rpc`, which is refused with `reason`."""

        def register(way: Callable[[W], Awaitable[object]]) -> Callable[[W], Awaitable[object]]:
            self._ways.append(((rpc, reason), way))
            return way

        return register

    async def provoked(self) -> set[Pair]:
        """Try all ways.

        Returns:
            What was refused, with the reasons that the callers would get.

        Raises:
            AssertionError: A way is not refused, or with another reason.
        """
        return {await self._tried(pair, way) for pair, way in self._ways}

    async def _tried(self, pair: Pair, way: Callable[[W], Awaitable[object]]) -> Pair:
        try:
            await way(self._new_world())
        except Exception as error:
            status = status_of_error(error, {})
            if status is None:
                raise
            reason = reason_in(status)
            assert reason == pair[1], f"{pair} is refused with {reason}: {status.message}"
            return pair
        raise AssertionError(f"{pair} is not refused")


def declared(*services: ServiceDescriptor) -> set[Pair]:
    """The reasons that the RPCs of `services` have of their own."""
    return {
        (method.name, reason)
        for service in services
        for method in service.methods
        for reason in rpc_of(method).reasons - GENERAL_REASONS
    }

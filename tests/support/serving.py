"""A service that is called over gRPC, by one caller."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

import grpc

from chassis.auth.identity import Identity
from chassis.rpc.channel import open_channel
from chassis.rpc.guard import Guard
from chassis.rpc.status import DetailTable
from tests.support.audit import Recorded

if TYPE_CHECKING:
    from chassis.auth.tokens import TokenVerifier


class _EveryTokenIs:
    def __init__(self, caller: Identity) -> None:
        self._caller = caller

    async def verify(self, token: str) -> Identity:
        return self._caller


async def any_token() -> str:
    """A token that `served` takes."""
    return "any"


@asynccontextmanager
async def served(
    add: Callable[[grpc.aio.Server], None], caller: Identity, details: DetailTable | None = None
) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a servicer.

    Args:
        add: Adds the servicer to its server.
        caller: Who calls, whatever the token.
        details: How it answers refusals that have more to say.
    """
    guard = Guard(cast("TokenVerifier", _EveryTokenIs(caller)))
    guard.add_details(details or {})
    guard.record_in(Recorded())
    server = grpc.aio.server()
    add(guard.on(server))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channel = open_channel(f"127.0.0.1:{port}", any_token)
    yield channel
    await channel.close()
    await server.stop(None)

"""What arrives over gRPC: messages that may be unreadable, streams that may be drained."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import DecodeError

# More than any stream of the contract has, and time enough to send it: a client that sends more, or
# takes longer, is cut off.
MAX_DRAINED_BYTES = 9 * 1024 * 1024
_DRAIN_SECONDS = 5.0
_LEAST_BYTES = 64


@dataclass(frozen=True)
class Unreadable:
    """So many bytes that are no message of the RPC's type."""

    size: int


class UnreadableError(Exception):
    """A message cannot be read."""


def readable_or_not(deserialize: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """A deserializer that never raises: gRPC tells strangers, and the log, what one raises."""

    def read(data: bytes) -> Any:
        try:
            return deserialize(data)
        except DecodeError:
            return Unreadable(len(data))

    return read


class RequestStream:
    """The requests of a client's stream."""

    def __init__(self, requests: AsyncIterator[Any]) -> None:
        self._requests = requests
        self._bytes = 0

    def __aiter__(self) -> "RequestStream":
        return self

    async def __anext__(self) -> Any:
        """The next request.

        Raises:
            UnreadableError: It cannot be read.
        """
        request = await anext(self._requests)
        is_readable = not isinstance(request, Unreadable)
        self._bytes += max(_LEAST_BYTES, request.ByteSize() if is_readable else request.size)
        if not is_readable:
            raise UnreadableError
        return request

    async def drain(self) -> None:
        """Read what is left, so that the client is there for its refusal.

        A client that still sends when its call ends gets an internal error from gRPC.
        """
        with suppress(StopAsyncIteration, TimeoutError):
            async with asyncio.timeout(_DRAIN_SECONDS):
                while self._bytes <= MAX_DRAINED_BYTES:
                    with suppress(UnreadableError):
                        await anext(self)

"""Processes that die at the worst moment: at any one of their calls to the outside."""

from collections.abc import Iterator
from typing import Any, TypeVar, cast

Port = TypeVar("Port")


class Killed(BaseException):
    """The process is gone. Nothing of it may go on, so no handler catches this."""


class Fuse:
    """Kills at the nth call that goes through it.

    Args:
        at: Which call; 0 for none.
        after: The call takes effect, and only its answer is lost.
    """

    def __init__(self, at: int = 0, *, after: bool = False) -> None:
        self._at = at
        self._after = after
        self.calls = 0

    def on(self, port: Port) -> Port:
        """The port, seen from the process that is to die."""
        return cast("Port", _Fused(port, self))

    def burn(self, *, done: bool) -> None:
        """One more call begins, or is done."""
        self.calls += not done
        if self.calls == self._at and self._after == done:
            raise Killed(f"at call {self.calls}")


class _Fused:
    def __init__(self, port: Any, fuse: Fuse) -> None:
        self._port = port
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        async def call(*arguments: Any) -> Any:
            self._fuse.burn(done=False)
            try:
                return await method(*arguments)
            finally:
                self._fuse.burn(done=True)

        return call


def moments(calls: int) -> Iterator[Fuse]:
    """A fuse for every moment of a process that makes so many calls."""
    for at in range(1, calls + 1):
        yield Fuse(at)
        yield Fuse(at, after=True)

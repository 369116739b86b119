"""A trace of what a use case calls: its store's writes, and what it does outside."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeVar, cast

Port = TypeVar("Port")


@dataclass(frozen=True)
class Call:
    """A call of a port's method, such as `FakeStripe.charge`; the ids it names, and is answered."""

    method: str
    ids: frozenset[str]
    answered: frozenset[str] = frozenset()
    is_done: bool = False


class Trace:
    """Writes down the calls to the ports that it was put before, in their order."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def on(self, port: Port) -> Port:
        """The port, seen from a process that is watched."""
        return cast("Port", _Traced(port, self))

    def unguarded(
        self, effects: Collection[str], writes: Collection[str], finals: Collection[str] = ()
    ) -> Iterator[Call]:
        """The effects outside before which no write of the same document was done.

        Args:
            effects: Methods that do something outside.
            writes: Methods of the store that write.
            finals: Methods that read, of a majority, what never changes again.
        """
        written: set[str] = set()
        for call in self.calls:
            # A write that found nothing to change has been answered by a majority as well.
            if call.method in writes and call.is_done:
                written |= call.ids
            if call.method in finals:
                written |= call.answered
            if call.method in effects and not call.ids & written:
                yield call


class _Traced:
    def __init__(self, port: Any, trace: Trace) -> None:
        self._port = port
        self._trace = trace

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._port, name)

        async def call(*arguments: Any, **named: Any) -> Any:
            place = len(self._trace.calls)
            begun = Call(f"{type(self._port).__name__}.{name}", ids_in(arguments))
            # It is in its place also where it raises: it may have taken effect.
            self._trace.calls.append(begun)
            answer = await method(*arguments, **named)
            self._trace.calls[place] = replace(begun, answered=ids_in([answer]), is_done=True)
            return answer

        return call


def ids_in(arguments: Collection[object]) -> frozenset[str]:
    """All ids among `arguments`: texts, and those of aggregates and of changes to them."""
    return frozenset(name for each in arguments for name in _ids(each))


def _ids(argument: object) -> Iterator[str]:
    if isinstance(argument, str):
        yield argument
    if isinstance(argument, list | tuple):
        yield from ids_in(argument)
    for name in ("id", "stripe_id"):
        if isinstance(found := getattr(argument, name, None), str) and found:
            yield found
    for name in ("sessions", "users"):
        yield from ids_in(list(getattr(argument, name, ())))
    for name in ("order", "payment"):
        if (aggregate := getattr(argument, name, None)) is not None:
            yield from _ids(aggregate)

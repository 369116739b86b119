"""Faults that tests switch on: each strikes a number of times and is then used up."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Self

DEFAULT_SECONDS = 30.0


class Kind(StrEnum):
    """What can go wrong."""

    SLOW = "slow"
    RATE_LIMIT_429 = "rate_limit_429"
    CONFLICT_409 = "conflict_409"
    ERROR_500_BEFORE = "error_500_before"
    ERROR_500 = "error_500"
    TIMEOUT_AFTER_CHARGE = "timeout_after_charge"
    WEBHOOK_LATE = "webhook_late"
    WEBHOOK_TWICE = "webhook_twice"
    WEBHOOK_NEVER = "webhook_never"


BEFORE = frozenset({Kind.SLOW, Kind.RATE_LIMIT_429, Kind.CONFLICT_409, Kind.ERROR_500_BEFORE})
AFTER = frozenset({Kind.ERROR_500, Kind.TIMEOUT_AFTER_CHARGE})
WEBHOOK = frozenset({Kind.WEBHOOK_LATE, Kind.WEBHOOK_TWICE, Kind.WEBHOOK_NEVER})


class BadFaultError(ValueError):
    """The description of a fault makes no sense."""


@dataclass(frozen=True)
class Fault:
    """One fault and when it strikes.

    Attributes:
        times: how many requests (or events, for webhooks) it still strikes.
        seconds: how long `slow` waits before the work, `timeout_after_charge` after it, and
            `webhook_late` before the delivery.
        path: glob over the request's path.
        method: glob over the HTTP method.
        type: glob over the event's type, for webhooks.
    """

    kind: Kind
    times: int = 1
    seconds: float = DEFAULT_SECONDS
    path: str = "*"
    method: str = "POST"
    type: str = "*"

    @classmethod
    def read(cls, body: object) -> Self:
        """From `{kind, times?, seconds?, match?: {path?, method?, type?}}`, else BadFaultError."""
        if not isinstance(body, Mapping):
            raise BadFaultError("a fault is an object")
        fields = {name: body[name] for name in ("kind", "times", "seconds") if name in body}
        match = body.get("match") or {}
        if not isinstance(match, Mapping) or not match.keys() <= {"path", "method", "type"}:
            raise BadFaultError("match takes path, method and type")
        if unknown := body.keys() - {"kind", "times", "seconds", "match"}:
            raise BadFaultError(f"unknown: {', '.join(sorted(unknown))}")
        globs = {str(name): str(glob) for name, glob in match.items()}
        return cls(**(_checked(fields) | globs))

    def as_json(self) -> dict[str, Any]:
        """All fields, flat."""
        return asdict(self)


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    try:
        checked: dict[str, Any] = {"kind": Kind(fields.get("kind", ""))}
    except ValueError as error:
        raise BadFaultError(f"kind is one of {', '.join(Kind)}") from error
    for name, numeric, least in (("times", int, 1), ("seconds", (int, float), 0)):
        value = fields.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, numeric) or value < least:
            raise BadFaultError(f"{name} is a number of at least {least}")
        checked[name] = value
    return checked


class Faults:
    """The faults that are switched on, in order. They live in memory: a restart clears them."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Switch all faults off."""
        self._faults.clear()

    def listed(self) -> list[dict[str, Any]]:
        """What is still switched on."""
        return [fault.as_json() for fault in self._faults]

    def take(self, kinds: frozenset[Kind], method: str, path: str) -> Fault | None:
        """The first fault of these kinds that strikes this request, counted down by one."""
        for place, fault in enumerate(self._faults):
            struck = fnmatchcase(path, fault.path) and fnmatchcase(method, fault.method)
            if fault.kind in kinds and struck:
                return self._strike(place)
        return None

    def delivery_delays(self, event_type: str) -> Sequence[float]:
        """Seconds after which an event is delivered: once and at once, unless a fault says else."""
        for place, fault in enumerate(self._faults):
            if fault.kind in WEBHOOK and fnmatchcase(event_type, fault.type):
                struck = self._strike(place)
                return {
                    Kind.WEBHOOK_LATE: (struck.seconds,),
                    Kind.WEBHOOK_TWICE: (0.0, 0.0),
                    Kind.WEBHOOK_NEVER: (),
                }[struck.kind]
        return (0.0,)

    def _strike(self, place: int) -> Fault:
        fault = self._faults[place]
        if fault.times > 1:
            self._faults[place] = replace(fault, times=fault.times - 1)
        else:
            del self._faults[place]
        return fault

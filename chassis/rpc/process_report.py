"""What a process says of itself: what runs, with which settings, how it is, and what waits.

Each part has half a second, so that an answer comes however much is unreachable.
"""

import asyncio
import dataclasses
import socket
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog
from shop.ops.v1 import system_pb2

from chassis.clock import utcnow
from chassis.resilience.circuit_breakers import states
from chassis.rpc.values import timestamp_message
from chassis.settings.environment import ProcessSettings
from chassis.tasks import SingleFlight
from chassis.telemetry.log_levels import levels
from chassis.telemetry.metrics import version_of_shop

log = structlog.get_logger(__name__)

T = TypeVar("T")

PART_SECONDS = 0.5
# What takes long is not asked anew each time that a page is shown.
FRESH_SECONDS = 10.0

Check = Callable[[], Awaitable[None]]
Part = Callable[[system_pb2.Process], Awaitable[None]]
"""Fills in its part of the report; raises where that cannot be found out."""


class ProcessReport:
    """The report of this process.

    Args:
        service: Such as `cart`.
        settings: What it was started with.
        checks: What has to pass for it to be ready; may grow and shrink.
        reported: What is checked with them, and may fail.

    Attributes:
        parts: Name -> what else belongs to it.
    """

    def __init__(
        self,
        service: str,
        settings: ProcessSettings,
        checks: Mapping[str, Check],
        reported: Mapping[str, Check],
    ) -> None:
        self.parts: dict[str, Part] = {}
        self._checks = checks
        self._reported = reported
        self._same = system_pb2.Process(
            service=service,
            version=version_of_shop(),
            host=socket.gethostname(),
            started_at=timestamp_message(utcnow()),
            settings=settings_shown(settings),
        )

    async def __call__(self) -> system_pb2.Process:
        """The report as it is now."""
        report = system_pb2.Process()
        report.CopyFrom(self._same)
        report.log_level = levels.level
        report.circuit_breakers.extend(
            system_pb2.CircuitBreakerState(name=name, state=state)
            for name, state in states().items()
        )
        required = dict(self._checks)  # a start or a drain may change them meanwhile
        every = {**required, **self._reported}
        asked = [*(_in_time(check()) for check in every.values())]
        asked += [_in_time(part(report)) for part in self.parts.values()]
        found = await asyncio.gather(*asked)
        for name, error in zip(every, found, strict=False):
            report.checks.add(
                name=name,
                state="ok" if error is None else type(error).__name__,
                is_required=name in required,
            )
        report.is_ready = all(each.state == "ok" for each in report.checks if each.is_required)
        for name, error in zip(self.parts, found[len(every) :], strict=True):
            if error is not None:
                log.info("not known for the report", part=name, error=repr(error))
                report.unknown.append(name)
        return report


class Remembered(Generic[T]):
    """The answer to a question that takes long: asked anew after a while, and not waited for.

    While it takes its time, what was answered before is the answer.

    Args:
        ask: Asks.
        fresh: For how many seconds an answer is good.
        patience: For how many seconds a new one is waited for, where there is an older one.
    """

    def __init__(
        self,
        ask: Callable[[], Coroutine[Any, Any, T]],
        fresh: float = FRESH_SECONDS,
        patience: float = PART_SECONDS / 2,
    ) -> None:
        self._ask = ask
        self._fresh = fresh
        self._patience = patience
        self._fetch = SingleFlight(self._fetch_now)
        self._last: tuple[float, T] | None = None

    async def __call__(self) -> T:
        """The answer; raises what asking raises."""
        last = self._last
        if last is None:
            return await self._fetch()
        if time.monotonic() - last[0] < self._fresh:
            return last[1]
        try:
            async with asyncio.timeout(self._patience):
                return await self._fetch()
        except TimeoutError:
            return last[1]

    async def _fetch_now(self) -> T:
        answer = await self._ask()
        self._last = time.monotonic(), answer
        return answer


def settings_shown(settings: ProcessSettings) -> list[system_pb2.Setting]:
    """Settings as people may see them: what is left out of their `repr` may be a secret."""
    return [
        system_pb2.Setting(
            name=field.name.upper(),
            value=_text(getattr(settings, field.name)) if field.repr else "",
            is_hidden=not field.repr,
        )
        for field in dataclasses.fields(settings)
    ]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value)


async def _in_time(work: Awaitable[None]) -> Exception | None:
    """What went wrong; None where nothing did."""
    try:
        async with asyncio.timeout(PART_SECONDS):
            await work
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not known
        return error
    return None

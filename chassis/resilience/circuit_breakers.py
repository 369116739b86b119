"""Circuit breakers: what does not answer is asked no more until it answers a probe.

A peer that hangs costs each call to it all of the call's time. So after some calls in a row without
an answer its circuit opens, and all further calls fail at once, as in any other outage. Meanwhile a
probe is made from time to time, one at a time and by no one's call: its answer closes the circuit.

Only what got no answer counts. A peer that refuses, or says that something behind it is away, has
answered, and soon. A call that was given up says nothing, nor does one with too little time.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from typing import TypeVar
from weakref import WeakSet

# Before purgatory, which would load Redis's client with all that belongs to it.
import chassis.resilience.redis_library  # noqa: F401

# isort: split

import structlog
from prometheus_client import Counter, Gauge
from purgatory.domain.messages.events import ContextChanged
from purgatory.domain.model import CLOSED, HALF_OPENED, OPENED
from purgatory.domain.model import Context as Circuit

from chassis.errors import Unavailable
from chassis.resilience.backoff import Backoff
from chassis.tasks import cancel

log = structlog.get_logger(__name__)

STATE = Gauge(
    "circuit_breaker_state", "0: calls pass, 1: a probe is under way, 2: calls fail", ["name"]
)
REJECTED = Counter(
    "circuit_breaker_rejected", "Calls that failed at once since their circuit was open", ["name"]
)

FAILURES = 3
# A probe of the shop's own parts costs next to nothing.
NEAR = Backoff(first=0.2, longest=0.5)
FAR = Backoff(first=0.5, longest=5.0)
# A call that was given less says nothing by running out of it.
PATIENCE_SECONDS = 1.0

_WORDS = {CLOSED: "closed", HALF_OPENED: "half_open", OPENED: "open"}
_NUMBERS = {CLOSED: 0, HALF_OPENED: 1, OPENED: 2}
# How long a circuit stays open is up to the probes. The library measures it by the time of day,
# which may be set back by hours.
_TO_BE_PROBED_AT_ONCE = float("-inf")

Probe = Callable[[], Awaitable[object]]
"""Asks for as little as can be asked, within its own time-out; raises where no answer came."""

T = TypeVar("T")


class CircuitOpen(Unavailable):
    """It was not asked: it did not answer lately."""

    def __init__(self, name: str) -> None:
        super().__init__("Something that is needed does not answer.")
        self.name = name

    def __str__(self) -> str:
        return f"{self.name} did not answer lately"


class CircuitBreaker:
    """Decides whether something may be asked, by what became of the calls before.

    Args:
        name: What is asked, such as `svc_catalog`.
        probe: Asks it whether it answers again.
        failures: After how many calls in a row without an answer the circuit opens; 0 for never.
        backoff: Between the probes.
    """

    def __init__(
        self, name: str, probe: Probe, *, failures: int = FAILURES, backoff: Backoff = NEAR
    ) -> None:
        self.name = name
        self._probe = probe
        self._backoff = backoff
        self._circuit = Circuit(name, failures or sys.maxsize, _TO_BE_PROBED_AT_ONCE)
        self._turn = 0
        self._probing: asyncio.Task[None] | None = None
        self._rejected = REJECTED.labels(name)
        self._shown = STATE.labels(name)
        self._shown.set(0)
        _breakers.add(self)

    @property
    def state(self) -> str:
        """`closed`, `half_open` or `open`."""
        return _WORDS[self._circuit.state]

    def admit(self) -> int:
        """Let a call begin; its turn, to tell what became of it.

        Raises:
            CircuitOpen: It may not.
        """
        if self._circuit.state != CLOSED:
            self._rejected.inc()
            raise CircuitOpen(self.name)
        return self._turn

    def answered(self, turn: int) -> None:
        """The call of that turn got an answer, whichever it was."""
        if turn == self._turn and self._circuit.state == CLOSED:
            self._circuit.handle_end_request()
            self._circuit.messages.clear()

    def unanswered(self, turn: int, error: BaseException) -> None:
        """The call of that turn got none."""
        # One that began before the circuit was last closed tells of a time that is over.
        if turn == self._turn and self._circuit.state == CLOSED:
            self._circuit.handle_exception(error)
            if self._has_changed():
                log.warning("circuit opened", peer=self.name, error=repr(error))
                # In a context of its own: it knows nothing of any caller's deadline or identity.
                loop = asyncio.get_running_loop()
                self._probing = loop.create_task(self._probe_until_answered(), context=Context())

    async def call(
        self, work: Callable[[], Awaitable[T]], is_unanswered: Callable[[Exception], bool]
    ) -> T:
        """What `work` returns or raises.

        Args:
            work: Begins the call.
            is_unanswered: Whether an error says that no answer came.

        Raises:
            CircuitOpen: It was not begun.
        """
        turn = self.admit()
        try:
            result = await work()
        except Exception as error:
            if is_unanswered(error):
                self.unanswered(turn, error)
            else:
                self.answered(turn)
            raise
        self.answered(turn)
        return result

    async def aclose(self) -> None:
        """Probe no more."""
        _breakers.discard(self)
        if self._probing is not None:
            await cancel([self._probing])

    async def _probe_until_answered(self) -> None:
        failures = 1
        while True:
            await asyncio.sleep(self._backoff.pause(failures))
            self._circuit.handle_new_request()
            self._has_changed()
            try:
                await self._probe()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is no answer
                failures += 1
                self._circuit.handle_exception(error)
                self._has_changed()
            else:
                break
        self._turn += 1
        self._circuit.handle_end_request()
        self._has_changed()
        log.info("circuit closed", peer=self.name, probes=failures)

    def _has_changed(self) -> bool:
        """Show the state where it is another one; whether it is."""
        has_changed = any(isinstance(each, ContextChanged) for each in self._circuit.messages)
        self._circuit.messages.clear()
        if has_changed:
            self._shown.set(_NUMBERS[self._circuit.state])
        return has_changed


class CircuitBreakers:
    """Those of a process: one for each that is asked, however many ask it.

    Args:
        failures: After how many calls in a row without an answer a circuit opens; 0 for never.
    """

    def __init__(self, failures: int = FAILURES) -> None:
        self._failures = failures
        self._made: dict[str, CircuitBreaker] = {}

    def of(self, name: str, probe: Probe, backoff: Backoff = NEAR) -> CircuitBreaker:
        """The one of that name, made with the first probe that is given."""
        if name not in self._made:
            self._made[name] = CircuitBreaker(name, probe, failures=self._failures, backoff=backoff)
        return self._made[name]

    async def aclose(self) -> None:
        """Probe no more."""
        for breaker in self._made.values():
            await breaker.aclose()


NewBreaker = Callable[[Probe], CircuitBreaker]
"""Makes the circuit breaker of something, which is probed so."""

_breakers: WeakSet[CircuitBreaker] = WeakSet()


def states() -> Mapping[str, str]:
    """Name -> `closed`, `half_open` or `open`, of all circuit breakers of this process."""
    return {breaker.name: breaker.state for breaker in sorted(_breakers, key=lambda it: it.name)}

"""How much is logged, which can be changed while a process runs."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

LEVELS = {
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERROR": logging.ERROR,
}
# What the lines of the shop's own code are logged as, besides the name of its process.
_OWN = ("__main__", "chassis", "ui")


class Timer(Protocol):
    """Something that will be done."""

    def cancel(self) -> None:
        """Leave it undone."""


Later = Callable[[float, Callable[[], None]], Timer]
"""Does something after so many seconds; an event loop's `call_later`."""


@dataclass(frozen=True)
class Changed:
    """A logger whose level is not what the settings say.

    Attributes:
        logger: Its name, such as `chassis.rpc`; empty for all.
        level: From which level up it logs.
        until: When it goes back; None for the end of the process.
    """

    logger: str
    level: str
    until: datetime | None


class Levels:
    """The levels of a process.

    Libraries log only what is wrong, whatever is asked for: at DEBUG they would tell of passwords
    and tokens that go through them.

    Attributes:
        configured: What the settings say.
    """

    def __init__(self) -> None:
        self.configured = "INFO"
        self._own: tuple[str, ...] = _OWN
        self._changed: dict[str, Changed] = {}
        self._timers: dict[str, Timer] = {}

    def configure(self, level: str, process: str) -> None:
        """Log from `level` up: `debug`, `info`, `warn`, `warning` or `error`, in any case."""
        self.configured = level.upper().removesuffix("ING")
        self._own = (*_OWN, process)
        logging.getLogger().setLevel(max(LEVELS[self.configured], logging.WARNING))
        self.set(None)

    def is_own(self, logger: str) -> bool:
        """Whether it is the name of a logger of the shop's own code."""
        return logger.partition(".")[0] in self._own

    def set(
        self,
        level: str | None,
        logger: str = "",
        duration: timedelta | None = None,
        later: Later | None = None,
    ) -> None:
        """Log from `level` up; None for what the settings say.

        Args:
            level: One of `LEVELS`.
            logger: Name of a logger, and of all below it; empty for all.
            duration: After which it goes back; only with `later`.
            later: Does that.
        """
        for each in [logger] if logger or level else list(self._changed):
            self._forget(each)
        if level is not None:
            until = None
            if duration is not None and later is not None:
                until = datetime.now(UTC) + duration
                seconds = duration.total_seconds()
                self._timers[logger] = later(seconds, lambda: self.set(None, logger))
            self._changed[logger] = Changed(logger, level, until)
        for own in self._own:
            logging.getLogger(own).setLevel(LEVELS[self.level])
        for changed in self.changed():
            if changed.logger:
                logging.getLogger(changed.logger).setLevel(LEVELS[changed.level])

    def _forget(self, logger: str) -> None:
        if timer := self._timers.pop(logger, None):
            timer.cancel()
        if self._changed.pop(logger, None) and logger:
            logging.getLogger(logger).setLevel(logging.NOTSET)

    @property
    def level(self) -> str:
        """From which level up is logged now where a logger has none of its own."""
        there = self._changed.get("")
        return there.level if there else self.configured

    def changed(self) -> list[Changed]:
        """What is not as the settings say, that of all first."""
        return [self._changed[name] for name in sorted(self._changed)]


# Those of this process: the standard library has one set of loggers.
levels = Levels()

"""Logs: one JSON object a line, on standard output, with field names of ECS.

The Elastic Common Schema is what readers of logs agree on: they need no mapping of their own.
https://www.elastic.co/guide/en/ecs/current/ecs-field-reference.html
"""

import logging
import signal
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from chassis.telemetry import correlation
from chassis.telemetry.log_levels import levels

_ECS_VERSION = "8.17.0"
_LEVELS = {logging.DEBUG: "DEBUG", logging.INFO: "INFO", logging.WARNING: "WARN"}
# Names that calls give, where ECS has one for it; all others are labels.
_NAMES = {
    "request_id": "http.request.id",
    "event_id": "event.id",
    "reason": "event.reason",
    "error": "error.message",
    "code": "error.code",
    "path": "url.path",
    "status": "http.response.status_code",
}
_SCALARS = (str, int, float, bool)


def configure(level: str, process: str) -> None:
    """Log from `level` up, in the name of `process`; the standard library's logs too.

    SIGUSR1 has everything logged, SIGUSR2 what `level` says: for processes that serve no RPC.
    """
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(EcsFormatter(process))
    logging.basicConfig(handlers=[handler], force=True)
    levels.configure(level, process)
    signal.signal(signal.SIGUSR1, lambda *_: levels.set("DEBUG"))
    signal.signal(signal.SIGUSR2, lambda *_: levels.set(None))


class EcsFormatter(logging.Formatter):
    """Makes a line of a record, of structlog's or of the standard library's.

    Args:
        process: Such as `svc_cart`.
    """

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object; `@timestamp`, `log.level` and `message` come first, for people."""
        given: dict[str, Any] = (
            dict(record.msg) if isinstance(record.msg, dict) else {"event": record.getMessage()}
        )
        line: dict[str, Any] = {
            "@timestamp": datetime.fromtimestamp(record.created, UTC),
            "log.level": _LEVELS.get(record.levelno, "ERROR"),
            "message": given.pop("event", ""),
            "ecs.version": _ECS_VERSION,
            "service.name": self._process,
            "log.logger": record.name,
        }
        line.update(correlation.fields())
        line.update(_failure(given.pop("exc_info", None) or record.exc_info))
        for name, value in given.items():
            line[_NAMES.get(name, f"labels.{name}")] = _plain(value)
        return orjson.dumps(line, default=str, option=orjson.OPT_UTC_Z).decode()


def _failure(exc_info: Any) -> Mapping[str, str]:
    """The fields of an exception: itself, what the standard library makes of it, or True."""
    if exc_info is True:
        exc_info = sys.exc_info()
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if not isinstance(error, BaseException):
        return {}
    return {
        "error.type": type(error).__qualname__,
        "error.message": str(error),
        "error.stack_trace": "".join(traceback.format_exception(error)).rstrip(),
    }


def _plain(value: object) -> object:
    """What a label may hold: ECS has no objects there."""
    if value is None or isinstance(value, _SCALARS):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [str(each) for each in value]
    if isinstance(value, Mapping):
        return orjson.dumps(dict(value), default=str).decode()
    return str(value)

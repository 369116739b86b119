"""shop.ops.v1 of a service: how much it logs."""

import asyncio
import socket
from datetime import timedelta
from typing import Any

import structlog
from shop.ops.v1 import logs_pb2, logs_pb2_grpc

from chassis.errors import InvalidField
from chassis.rpc.values import timestamp_message
from chassis.telemetry.log_levels import Changed, Levels

log = structlog.get_logger(__name__)


class LogRpc(logs_pb2_grpc.LogServiceServicer):
    """Shows and changes the levels of this process.

    Args:
        service: Such as `svc_cart`.
        levels: Those of the process.
    """

    def __init__(self, service: str, levels: Levels) -> None:
        self._service = service
        self._levels = levels

    async def GetLogLevel(
        self, request: logs_pb2.GetLogLevelRequest, context: Any
    ) -> logs_pb2.GetLogLevelResponse:
        return logs_pb2.GetLogLevelResponse(levels=self._message())

    async def SetLogLevel(
        self, request: logs_pb2.SetLogLevelRequest, context: Any
    ) -> logs_pb2.SetLogLevelResponse:
        if request.logger and not self._levels.is_own(request.logger):
            raise InvalidField("logger", "must be a module of the shop's own code")
        level = _name(request.level) if request.level else None
        seconds = request.duration_seconds
        duration = timedelta(seconds=seconds) if seconds else None
        later = asyncio.get_running_loop().call_later
        self._levels.set(level, request.logger, duration, later)
        log.warning("log level changed", to=level, of=request.logger, seconds=seconds)
        return logs_pb2.SetLogLevelResponse(levels=self._message())

    def _message(self) -> logs_pb2.LogLevels:
        return logs_pb2.LogLevels(
            service=self._service,
            host=socket.gethostname(),
            configured=_value(self._levels.configured),
            level=_value(self._levels.level),
            changed=map(_changed, self._levels.changed()),
        )


def _changed(there: Changed) -> logs_pb2.LoggerLevel:
    return logs_pb2.LoggerLevel(
        logger=there.logger,
        level=_value(there.level),
        until=timestamp_message(there.until) if there.until else None,
    )


def _name(level: "logs_pb2.LogLevel.ValueType") -> str:
    return logs_pb2.LogLevel.Name(level).removeprefix("LOG_LEVEL_")


def _value(level: str) -> "logs_pb2.LogLevel.ValueType":
    return logs_pb2.LogLevel.Value(f"LOG_LEVEL_{level}")

"""How much each process logs."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer
from shop.ops.v1 import logs_pb2, logs_pb2_grpc

from shopctl.command import ServiceOption, Session, command
from shopctl.output import Result, name_of, table
from shopctl.profile import short
from shopctl.session import services

app = typer.Typer(no_args_is_help=True, help="How much each process of each service logs.")


class Level(StrEnum):
    """From which level up is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARN = "warn"
    ERROR = "error"
    CONFIGURED = "configured"


@command(app, "show")
def show_levels(session: Session, service: ServiceOption = None) -> Result:
    """Show from which level up each process logs."""
    return shown(
        (name, stub.GetLogLevel(logs_pb2.GetLogLevelRequest()).levels)
        for name, stub in processes(session, service)
    )


@command(app, "set")
def set_level(
    session: Session,
    level: Annotated[
        Level, typer.Argument(help="The level; `configured` for what the settings say.")
    ],
    service: ServiceOption = None,
    logger: Annotated[
        str, typer.Option(help="Only this module and those below it, such as chassis.rpc.")
    ] = "",
    seconds: Annotated[
        int, typer.Option("--for", metavar="SECONDS", help="For so long; else until it ends.")
    ] = 0,
) -> Result:
    """Change how much is logged, of one service or of all, in all of its processes."""
    wanted = "UNSPECIFIED" if level is Level.CONFIGURED else level.name
    request = logs_pb2.SetLogLevelRequest(
        level=logs_pb2.LogLevel.Value(f"LOG_LEVEL_{wanted}"),
        logger=logger,
        duration_seconds=seconds,
    )
    return shown(
        (name, stub.SetLogLevel(request).levels) for name, stub in processes(session, service)
    )


def processes(
    session: Session, service: str | None
) -> Iterator[tuple[str, logs_pb2_grpc.LogServiceStub]]:
    """Each process of a service, or of all, by the service's name."""
    for name in services(service):
        for channel in session.replicas(name):
            yield name, logs_pb2_grpc.LogServiceStub(channel)


def shown(found: Iterator[tuple[str, logs_pb2.LogLevels]]) -> Result:
    """The levels of some processes."""
    every = list(found)
    rows = [
        (short(name), each.host, _level(each.level), _level(each.configured), _changed(each))
        for name, each in every
    ]
    columns = ("SERVICE", "HOST", "LEVEL", "CONFIGURED", "CHANGED")
    return Result({"processes": [each for _, each in every]}, table(columns, rows))


def _changed(levels: logs_pb2.LogLevels) -> str:
    return ", ".join(
        f"{each.logger or 'all'}: {_level(each.level)}"
        + (f" until {each.until.ToJsonString()}" if each.HasField("until") else "")
        for each in levels.changed
    )


def _level(level: int) -> str:
    return name_of(level, logs_pb2.LogLevel, "LOG_LEVEL_")

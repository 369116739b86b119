"""Typed settings from the environment.

A process's settings are a frozen dataclass; each field is read from the variable of its name in
capitals. All that is missing or malformed is reported at once, one line each.
"""

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson

from chassis.settings.networks import Networks
from chassis.settings.types import (
    Address,
    KafkaServers,
    LogLevel,
    MongoUrl,
    Parse,
    Port,
    RedisUrl,
    Share,
    WebUrl,
)

S = TypeVar("S")

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_SWITCHES = {"true": True, "1": True, "false": False, "0": False}
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class SettingsError(Exception):
    """Settings that are missing or malformed; one line each."""


@dataclass(frozen=True, kw_only=True)
class TraceSettings:
    """Where spans go; by OpenTelemetry's own names, and no traces are made where none is given."""

    # A receiver of OTLP over HTTP, such as http://jaeger:4318.
    otel_exporter_otlp_endpoint: WebUrl | None = None
    # A Zipkin server instead, such as http://127.0.0.1:9411/api/v2/spans.
    otel_exporter_zipkin_endpoint: WebUrl | None = None
    # How many of the traces that begin here are exported, from 0 to 1; who is called does likewise.
    otel_traces_sampler_arg: Share = 0.01


@dataclass(frozen=True, kw_only=True)
class ProcessSettings(TraceSettings):
    """What every process needs."""

    # Address of svc_auth: the keys of tokens, and this process's own token.
    auth_url: Address
    # This process's credential at svc_auth.
    client_secret: str = dataclasses.field(repr=False)
    # Redis: revocations.
    redis_url: RedisUrl = dataclasses.field(repr=False)
    # How much is logged.
    log_level: LogLevel = "info"
    # After so many calls in a row without an answer a peer is asked no more until it answers a
    # probe; 0 for never.
    circuit_breaker_failures: int = 3
    # Whether metrics are kept; they are shown at /metrics of OPS_PORT.
    metrics: bool = True
    # Time to finish what is under way after SIGTERM.
    drain: timedelta = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class ServiceSettings(ProcessSettings):
    """What every gRPC service needs."""

    # Port of the gRPC server.
    grpc_port: Port
    # Port of /api/health, /api/ready and /metrics.
    ops_port: Port
    # Address that both ports listen on.
    host: str = "127.0.0.1"
    # This service's database; the path names it.
    mongodb_url: MongoUrl = dataclasses.field(repr=False)
    # Kafka bootstrap servers, comma separated.
    kafka_url: KafkaServers
    # How many brokers keep each topic that is made; all but one have to acknowledge an event.
    kafka_replication: int = 1


def load(settings: type[S], environment: Mapping[str, str]) -> S:
    """Read `settings` from `environment`.

    Raises:
        SettingsError: Variables are missing or malformed; the message names each one.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    hints = typing.get_type_hints(settings, include_extras=True)
    for field in dataclasses.fields(settings):  # type: ignore[arg-type]  # S is a dataclass
        variable = field.name.upper()
        raw = environment.get(variable)
        wanted, parse = _parser_of(hints[field.name])
        if raw is None:
            if field.default is field.default_factory is dataclasses.MISSING:
                problems.append(f"{variable} is not set: give {wanted}")
            continue
        try:
            values[field.name] = parse(raw)
        except (ValueError, OverflowError):
            problems.append(f"{variable} is malformed: give {wanted}")
    if problems:
        raise SettingsError("\n".join(problems))
    return settings(**values)


def _parser_of(hint: Any) -> tuple[str, Parse]:
    """What a field of this type wants to be given, and how that is read."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        inner = next(arg for arg in typing.get_args(hint) if arg is not types.NoneType)
        wanted, parse = _parser_of(inner)
        return wanted, lambda raw: parse(raw) if raw else None
    if typing.get_origin(hint) is Annotated:
        own: tuple[str, Parse] = hint.__metadata__[0]
        return own
    return _PARSERS[typing.get_origin(hint) or hint]


def _text(raw: str) -> str:
    if not raw:
        raise ValueError(raw)
    return raw


def _switch(raw: str) -> bool:
    if raw.lower() not in _SWITCHES:
        raise ValueError(raw)
    return _SWITCHES[raw.lower()]


def _duration(raw: str) -> timedelta:
    match = _DURATION.fullmatch(raw)
    if match is None:
        raise ValueError(raw)
    return timedelta(seconds=float(match[1]) * _UNITS[match[2]])


def _mapping(raw: str) -> dict[str, str]:
    value = orjson.loads(raw)  # its error is a ValueError
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValueError(raw)
    return value


def _items(raw: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in raw.split(",") if part.strip())


_PARSERS: Mapping[Any, tuple[str, Parse]] = {
    str: ("a string", _text),
    int: ("a whole number", int),
    float: ("a number", float),
    bool: ("true or false", _switch),
    timedelta: ("a duration such as 500ms, 90s, 15m or 2h", _duration),
    Path: ("a path", Path),
    Mapping: ('a JSON object of strings, such as {"a": "b"}', _mapping),
    tuple: ("strings separated by commas", _items),
    Networks: (
        "addresses or networks separated by commas, such as 10.0.0.0/8, 192.0.2.7",
        lambda raw: Networks(*_items(raw)),
    ),
}

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from chassis.settings.environment import ServiceSettings, SettingsError, load


@dataclass(frozen=True, kw_only=True)
class Settings:
    name: str
    port: int
    share: float = 0.5
    verbose: bool = False
    lifetime: timedelta = timedelta(minutes=15)
    key: Path | None = None
    clients: Mapping[str, str]
    origins: tuple[str, ...] = ()


REQUIRED = {"NAME": "cart", "PORT": "50051", "CLIENTS": '{"a": "b"}'}


def test_values_are_read_from_the_variable_of_the_fields_name() -> None:
    settings = load(
        Settings,
        REQUIRED
        | {
            "SHARE": "0.25",
            "VERBOSE": "true",
            "LIFETIME": "90s",
            "KEY": "/a/b",
            "ORIGINS": "http://a, http://b",
        },
    )
    assert settings == Settings(
        name="cart",
        port=50051,
        share=0.25,
        verbose=True,
        lifetime=timedelta(seconds=90),
        key=Path("/a/b"),
        clients={"a": "b"},
        origins=("http://a", "http://b"),
    )


def test_defaults_hold_where_a_variable_is_absent() -> None:
    settings = load(Settings, REQUIRED)
    assert (settings.lifetime, settings.key, settings.verbose) == (
        timedelta(minutes=15),
        None,
        False,
    )


def test_everything_missing_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        load(Settings, {})
    assert str(caught.value).splitlines() == [
        "NAME is not set: give a string",
        "PORT is not set: give a whole number",
        'CLIENTS is not set: give a JSON object of strings, such as {"a": "b"}',
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("NAME", ""),
        ("PORT", "fifty"),
        ("PORT", "1.5"),
        ("SHARE", "half"),
        ("VERBOSE", "perhaps"),
        ("LIFETIME", "15"),
        ("LIFETIME", "15 minutes"),
        ("LIFETIME", "99999999999999d"),
        ("CLIENTS", "a=b"),
        ("CLIENTS", '{"a": 1}'),
        ("CLIENTS", "[]"),
    ],
)
def test_a_malformed_value_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable} is malformed: give "):
        load(Settings, REQUIRED | {variable: value})


@pytest.mark.parametrize(
    ("value", "seconds"), [("1500ms", 1.5), ("2h", 7200), ("1d", 86400), ("0.5s", 0.5)]
)
def test_durations(value: str, seconds: float) -> None:
    settings = load(Settings, REQUIRED | {"LIFETIME": value})
    assert settings.lifetime.total_seconds() == seconds


SERVICE = {
    "AUTH_URL": "svc-auth:50051",
    "CLIENT_SECRET": "secret",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "GRPC_PORT": "50051",
    "OPS_PORT": "50151",
    "MONGODB_URL": "mongodb://127.0.0.1:27017/cart",
    "KAFKA_URL": "127.0.0.1:9092",
}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AUTH_URL", "dns:///svc-auth.shop:50051"),
        ("AUTH_URL", "[::1]:50051"),
        ("REDIS_URL", "rediss://:p%40ss@cache.example:6380/1?protocol=3"),
        ("REDIS_URL", "redis://redis"),
        ("REDIS_URL", "unix:///run/redis.sock"),
        ("MONGODB_URL", "mongodb://me:secret@a.example:27017,b.example/cart?replicaSet=rs0"),
        ("MONGODB_URL", "mongodb+srv://db.example/cart"),
        ("MONGODB_URL", "mongodb://[::1]:27017/cart"),
        ("KAFKA_URL", "kafka.example:9092, kafka2.example:9092"),
        ("KAFKA_URL", "[::1]:9092"),
        ("KAFKA_URL", "kafka"),
    ],
)
def test_addresses_of_servers(variable: str, value: str) -> None:
    settings = load(ServiceSettings, SERVICE | {variable: value})
    assert getattr(settings, variable.lower()) == value


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AUTH_URL", "svc-auth"),
        ("AUTH_URL", "http://svc-auth:50051"),
        ("REDIS_URL", "127.0.0.1:6379"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://host:port/0"),
        ("MONGODB_URL", "nonsense"),
        ("MONGODB_URL", "mongodb://127.0.0.1:27017"),
        ("MONGODB_URL", "mongodb://127.0.0.1:27017/?tls=true"),
        ("MONGODB_URL", "mongodb://127.0.0.1:port/cart"),
        ("KAFKA_URL", "kafka:port"),
        ("KAFKA_URL", ":9092"),
        ("KAFKA_URL", "a:1,,b:2"),
        ("LOG_LEVEL", "chatty"),
        ("LOG_LEVEL", ""),
        ("GRPC_PORT", "65536"),
        ("OPS_PORT", "-1"),
    ],
)
def test_what_can_not_be_meant_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable} is malformed: give "):
        load(ServiceSettings, SERVICE | {variable: value})

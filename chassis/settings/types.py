"""Types of settings that say what they want to be given, for people, and how it is read."""

import re
from collections.abc import Callable
from typing import Annotated, Any

from chassis.currencies import CURRENCIES

Parse = Callable[[str], Any]
"""A value from its text; ValueError where that is malformed."""

_NAME = r"(?:\[[0-9a-fA-F:.]+\]|[^\s\[\]/:,@?]+)"
_HOST = rf"{_NAME}(?::\d{{1,5}})?"
_LAST_PORT = 65_535


def _port(raw: str) -> int:
    if not 0 < int(raw) <= _LAST_PORT:
        raise ValueError(raw)
    return int(raw)


def _count(raw: str) -> int:
    if int(raw) < 1:
        raise ValueError(raw)
    return int(raw)


def _share(raw: str) -> float:
    if not 0 <= float(raw) <= 1:
        raise ValueError(raw)
    return float(raw)


def _like(pattern: str) -> Parse:
    """A parser of strings that match `pattern` as a whole."""

    def parse(raw: str) -> str:
        if not re.fullmatch(pattern, raw):
            raise ValueError(raw)
        return raw

    return parse


def _currency(raw: str) -> str:
    if raw not in CURRENCIES:
        raise ValueError(raw)
    return raw


CurrencyCode = Annotated[str, ("a currency that Stripe charges, such as USD or JPY", _currency)]
LogLevel = Annotated[
    str, ("debug, info, warn or error", _like("(?i:debug|info|warn(?:ing)?|error)"))
]
Count = Annotated[int, ("a whole number of 1 or more", _count)]
Share = Annotated[float, ("a number from 0 to 1", _share)]
Port = Annotated[int, ("a port, from 1 to 65535", _port)]
_SERVER = rf"{_NAME}:\d{{1,5}}"
Address = Annotated[
    str,
    (
        "an address such as svc-cart:50051, or ipv4:10.0.0.1:50051,10.0.0.2:50051",
        _like(rf"(?:dns:///)?{_SERVER}|ipv4:{_SERVER}(?:,{_SERVER})*"),
    ),
]
WebUrl = Annotated[
    str, ("a URL such as https://shop.example", _like(rf"https?://{_HOST}(?:/\S*)?"))
]
RedisUrl = Annotated[
    str,
    (
        "a URL such as redis://host:6379/0",
        _like(rf"rediss?://(?:\S*@)?{_HOST}(?:/\d*)?(?:\?\S*)?|unix://\S+"),
    ),
]
MongoUrl = Annotated[
    str,
    (
        "a URL that names a database, such as mongodb://host:27017/cart",
        _like(rf"mongodb(?:\+srv)?://(?:\S*@)?{_HOST}(?:,{_HOST})*/[^\s/?]+(?:\?\S*)?"),
    ),
]
KafkaServers = Annotated[
    str, ("addresses such as host:9092, with commas between", _like(rf"{_HOST}(?:,\s*{_HOST})*"))
]

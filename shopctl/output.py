"""What commands print: tables for people, or JSON for scripts, which is that of the REST API."""

import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from shop.money.v1 import money_pb2

from chassis.currencies import currency
from chassis.rpc.values import time_of
from gateway.protojson.encode import Encoders
from shopctl.failures import Exit

# Of output that goes to a file or another program, so that no line is broken.
_WIDE = 1000

_encoders = Encoders()


class Output(StrEnum):
    """How a command prints."""

    TABLE = "table"
    JSON = "json"


@dataclass(frozen=True)
class Result:
    """What a command found or did.

    Attributes:
        data: For scripts: a message, or what JSON can hold.
        shown: For people.
        exit: How the command ends.
    """

    data: Any
    shown: RenderableType
    exit: Exit = Exit.OK


def show(result: Result, output: Output, *, in_pieces: bool = False) -> None:
    """Print a result."""
    if output is Output.JSON:
        # What comes piece by piece is JSON lines.
        option = 0 if in_pieces else orjson.OPT_INDENT_2
        sys.stdout.write(orjson.dumps(json_of(result.data), option=option).decode() + "\n")
        sys.stdout.flush()
    else:
        console().print(result.shown, soft_wrap=in_pieces)


def console(*, stderr: bool = False) -> Console:
    """Where people read: as wide as the terminal, or as the text where there is none."""
    found = Console(stderr=stderr, highlight=False, emoji=False)
    return found if found.is_terminal else Console(stderr=stderr, width=_WIDE, highlight=False)


def json_of(data: Any) -> Any:
    """What orjson takes; messages are as the REST API writes them."""
    if isinstance(data, Message):
        return _encoders.encode(data)
    if isinstance(data, Mapping):
        return {name: json_of(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [json_of(each) for each in data]
    return data


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> Group:
    """Rows below the names of their columns; the first column is never broken or cut."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for index, name in enumerate(columns):
        grid.add_column(name, no_wrap=index == 0, overflow="fold")
    for row in rows:
        grid.add_row(*map(text, row))
    return Group(grid, Text(caption, style="dim")) if caption else Group(grid)


def record(entries: Mapping[str, Any]) -> Table:
    """Names and values, one below the other; what is empty is left out."""
    grid = Table(box=None, pad_edge=False, show_header=False)
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in entries.items():
        if (shown := text(value)).plain:
            grid.add_row(name, shown)
    return grid


def counted(shown: int, total: int, what: str) -> str:
    """How many of how many are listed."""
    return f"{shown} of {total} {what}" + ("; more with --limit" if shown < total else "")


def text(value: Any) -> Text:
    """A value for people: amounts and times are written out, and nothing steers the terminal."""
    if isinstance(value, Text):
        return value
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, money_pb2.Money):
        value = currency(value.currency).written(value.amount_minor) if value.currency else ""
    elif isinstance(value, Timestamp):
        value = f"{time_of(value):%Y-%m-%d %H:%M:%SZ}" if value.seconds else ""
    elif isinstance(value, int):
        value = f"{value:,}"
    return Text("".join(map(_harmless, str(value))))


def _harmless(character: str) -> str:
    is_control = unicodedata.category(character) in {"Cc", "Cf"} and character != "\n"
    return "\N{REPLACEMENT CHARACTER}" if is_control else character


def name_of(number: int, enum: Any, prefix: str) -> str:
    """The name of an enum's value for people: `completed` for `ORDER_STATUS_COMPLETED`."""
    return str(enum.Name(number)).removeprefix(prefix).lower().replace("_", " ")

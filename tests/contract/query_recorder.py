"""Writes down every query that the product's code sends to MongoDB."""

import sys
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import monitoring

ROOT = Path(__file__).resolve().parents[2]
# They write on behalf of a store: the query is the store's.
WRITERS = ("chassis/outbox/outbox.py", "chassis/outbox/versioned.py")
CREATE_INDEXES = "createIndexes"
QUERIES = {"find", "aggregate", "update", "delete", "findAndModify", "count", "distinct"}


@dataclass(frozen=True)
class Sent:
    """A command that the driver sent.

    Attributes:
        collection: Its database and its name.
        origin: `file::function` of the product that sent it.
    """

    collection: tuple[str, str]
    origin: str
    command: Mapping[str, Any]


class QueryRecorder(monitoring.CommandListener):
    """Keeps in `sent` what is sent from now on: the product's queries, and anybody's indexes."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Called within the call that sends the command, so that the stack says whose it is."""
        name = event.command_name
        if name not in QUERIES and name != CREATE_INDEXES:
            return
        whose = origin()
        if whose or name == CREATE_INDEXES:
            collection = (event.database_name, event.command[name])
            # Whoever sent it may go on to change it.
            self.sent.append(Sent(collection, whose, deepcopy(event.command)))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to write down."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to write down."""


def origin() -> str:
    """`file::function` of the code of ours that is nearest on the stack; empty for a test's."""
    frame = sys._getframe()
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(ROOT) and file != Path(__file__):
            name = file.relative_to(ROOT).as_posix()
            if name.startswith("tests/"):
                return ""
            if not name.startswith((".", *WRITERS)):
                return f"{name}::{frame.f_code.co_qualname.partition('.<locals>')[0]}"
        if frame.f_back is None:
            break
        frame = frame.f_back
    return ""

"""A pytest plugin that writes down every query that the product's code sends to MongoDB.

    QUERY_RECORD=file python -m pytest -p tests.architecture.query_recorder ...

Each line of the file is a JSON object: `database`, `collection`, `origin` (file and function of the
product that sent it; empty for a test), and the driver's `command`.
"""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from bson import json_util
from pymongo import monitoring

ROOT = Path(__file__).resolve().parents[2]
FILE_SETTING = "QUERY_RECORD"
# They write on behalf of a store: the query is the store's.
WRITERS = ("chassis/outbox/outbox.py", "chassis/outbox/versioned.py")
QUERIES = {
    *("find", "aggregate", "update", "delete", "findAndModify", "count", "distinct"),
    "createIndexes",
}


class QueryRecorder(monitoring.CommandListener):
    """Writes commands down as they are sent."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", buffering=1)

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """Called within the call that sends the command, so that the stack says whose it is."""
        if event.command_name not in QUERIES:
            return
        record: dict[str, Any] = {
            "database": event.database_name,
            "collection": event.command[event.command_name],
            "origin": origin(),
            "command": {
                name: value
                for name, value in event.command.items()
                if not name.startswith(("$", "lsid"))
            },
        }
        self._file.write(json_util.dumps(record) + "\n")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to write down."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to write down."""

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


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


def pytest_configure(config: pytest.Config) -> None:
    """Listen to every client that is made from now on."""
    recorder = QueryRecorder(Path(os.environ[FILE_SETTING]))
    monitoring.register(recorder)
    config.add_cleanup(recorder.close)

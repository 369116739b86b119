"""What a person at the terminal sees: one tidy line a step, and each process's log lines."""

import os
import sys
import zlib
from collections.abc import Mapping
from contextlib import suppress
from typing import TextIO

RESET, BOLD, DIM, RED, GREEN, YELLOW = (
    "\033[0m",
    "\033[1m",
    "\033[2m",
    "\033[31m",
    "\033[32m",
    "\033[33m",
)
# Back to the line's beginning, and nothing after it: where progress may have stood.
CLEAR_LINE = "\r\033[K"
# The terminal's own colours, so that they fit its theme; red is kept for what went wrong.
NAME_COLOURS = (32, 33, 34, 35, 36, 92, 93, 94, 95, 96)


class Console:
    """Writes lines to one stream, in colour where the stream is a terminal."""

    def __init__(self, stream: TextIO | None = None, *, colour: bool | None = None) -> None:
        self._stream = stream or sys.stdout
        self._colour = wants_colour(self._stream, os.environ) if colour is None else colour
        self._width = 8
        self._replaces = self._stream.isatty()
        self._sixth = (0, 0)

    def names(self, names: list[str]) -> None:
        """Make room for the longest of the names that will stand before lines."""
        self._width = max([self._width, *map(len, names)])

    def say(self, text: str = "") -> None:
        """One plain line."""
        self._write(text)

    def title(self, text: str) -> None:
        """One line that stands out."""
        self._write(self._paint(text, BOLD))

    def done(self, name: str, seconds: float, text: str) -> None:
        """A step that took `seconds` is done."""
        mark = self._paint("✓", GREEN)
        self._write(f"  {mark} {self._name(name)} {seconds:6.1f} s  {self._paint(text, DIM)}")

    def doing(self, name: str, text: str) -> None:
        """A step that takes long enough to be announced has begun."""
        self._write(f"  {self._paint('…', YELLOW)} {self._name(name)}           {text}")

    def progress(self, name: str, done: int, total: int, what: str) -> None:
        """How far a long step is: on a terminal in one line, elsewhere in some seven."""
        text = f"  {self._paint('…', YELLOW)} {self._name(name)}           {done} of {total} {what}"
        if self._replaces:
            with suppress(OSError):
                self._stream.write(f"{CLEAR_LINE}{text}")
                self._stream.flush()
        elif (sixth := (total, done * 6 // total)) != self._sixth:
            self._sixth = sixth
            self._write(text)

    def trouble(self, name: str, text: str) -> None:
        """Something went wrong with `name`, and the stack goes on."""
        self._write(f"  {self._paint('!', RED)} {self._name(name)}           {text}")

    def log(self, name: str, text: str) -> None:
        """One line that the process `name` wrote."""
        self._write(f"{self._name(name)} {self._paint('│', DIM)} {text}")

    def failed(self, text: str) -> None:
        """The one line that says why the stack is not running."""
        self._write(self._paint(text, RED))

    def _name(self, name: str) -> str:
        colour = NAME_COLOURS[zlib.crc32(name.encode()) % len(NAME_COLOURS)]
        return self._paint(name.ljust(self._width), f"\033[{colour}m")

    def _paint(self, text: str, code: str) -> str:
        return f"{code}{text}{RESET}" if self._colour else text

    def _write(self, line: str) -> None:
        # The terminal may have been closed: that ends no shop, and keeps none from stopping.
        with suppress(OSError):
            self._stream.write(f"{CLEAR_LINE if self._replaces else ''}{line}\n")
            self._stream.flush()


class Silent(Console):
    """A console for those who only want the servers, such as tests."""

    def _write(self, line: str) -> None:
        pass


def wants_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether to colour: a terminal that has not said no (see no-color.org)."""
    return stream.isatty() and "NO_COLOR" not in environ and environ.get("TERM") != "dumb"

"""What stands on a terminal, and what in a pipe."""

import io

from devstack.console import CLEAR_LINE, Console


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Closed(io.StringIO):
    """A terminal that is gone."""

    def write(self, _: str) -> int:
        raise OSError(5, "Input/output error")


def test_progress_takes_the_place_of_the_one_before_on_a_terminal() -> None:
    shown = Terminal()
    console = Console(shown, colour=False)

    console.progress("demo", 36, 72, "products")
    console.progress("demo", 37, 72, "products")
    console.say("done")

    first, second, last = shown.getvalue().split(CLEAR_LINE)[1:]
    assert "36 of 72 products" in first
    assert "37 of 72 products" in second
    assert "\n" not in first + second
    assert last == "done\n"


def test_progress_in_a_pipe_is_some_lines() -> None:
    shown = io.StringIO()
    console = Console(shown, colour=False)

    for done in range(1, 73):
        console.progress("demo", done, 72, "products")

    lines = shown.getvalue().splitlines()
    assert [line.split()[2] for line in lines] == ["1", "12", "24", "36", "48", "60", "72"]


def test_a_terminal_that_is_gone_is_no_error() -> None:
    console = Console(Closed())

    console.say("stopping")
    console.progress("demo", 1, 2, "products")

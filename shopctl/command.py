"""How every command runs: its common options, its session, what it prints, and how it ends."""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn

import typer
from rich.text import Text

from shopctl import output
from shopctl.failures import Exit, Failure
from shopctl.output import Output, Result
from shopctl.profile import DEFAULT, load
from shopctl.session import Connect, Session, connect, session_of

Work = Callable[..., Result | Iterator[Result]]

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Limit = Annotated[int, typer.Option(min=1, help="How many to list at most.")]
ServiceOption = Annotated[
    str | None, typer.Option("--service", help="Only this service, such as cart; else all.")
]

_PROFILE = Annotated[
    str,
    typer.Option(
        envvar="SHOPCTL_PROFILE",
        help="The profile: which shop, and who is signed in.",
        metavar="NAME",
    ),
]
_ADDRESS = Annotated[
    list[str],
    typer.Option(
        envvar="SHOPCTL_ADDRESS",
        help="Where a service is; again for each, such as cart=127.0.0.1:50051.",
        metavar="SERVICE=HOST:PORT",
    ),
]
_OUTPUT = Annotated[
    Output, typer.Option("--output", "-o", envvar="SHOPCTL_OUTPUT", help="For people or scripts.")
]


def command(group: typer.Typer, name: str) -> Callable[[Work], Work]:
    """Make a function a command of `group`.

    Its first argument is the session, and the others are the command's own; it returns what is
    printed, or yields it piece by piece. Every command has `--profile`, `--address` and `--output`.
    """

    def register(work: Work) -> Work:
        @functools.wraps(work)
        def run(
            ctx: typer.Context, profile: str, address: list[str], output: Output, **own: Any
        ) -> None:
            with reporting():
                run_in_session(ctx.obj or connect, profile, address, output, work, own)

        _, *parameters = inspect.signature(work, eval_str=True).parameters.values()
        common = {"ctx": typer.Context, "profile": _PROFILE, "address": _ADDRESS, "output": _OUTPUT}
        defaults = {"profile": DEFAULT, "address": [], "output": Output.TABLE}
        every = [
            *(
                inspect.Parameter(
                    each,
                    inspect.Parameter.KEYWORD_ONLY,
                    annotation=kind,
                    default=defaults.get(each, inspect.Parameter.empty),
                )
                for each, kind in common.items()
            ),
            *(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters),
        ]
        run.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in every}
        del run.__wrapped__
        group.command(name)(run)
        return work

    return register


def run_in_session(
    connect: Connect,
    name: str,
    addresses: list[str],
    kind: Output,
    work: Work,
    own: dict[str, Any],
) -> None:
    """Do a command's work and print what it found.

    Raises:
        typer.Exit: It was done, and ends with another code than 0.
        Failure: It could not be done.
    """
    with session_of(load(name, addresses), connect) as session:
        found = work(session, **own)
        results = [found] if isinstance(found, Result) else found
        ending = Exit.OK
        for result in results:
            output.show(result, kind, in_pieces=result is not found)
            ending = ending or result.exit
    if ending:
        raise typer.Exit(ending)


@contextmanager
def reporting() -> Iterator[None]:
    """End with one line and an exit code, whatever happens; never with a traceback."""
    try:
        yield
    except Failure as failure:
        _end(failure.code, str(failure))
    except (typer.Exit, typer.Abort):
        raise
    except KeyboardInterrupt:
        _end(Exit.INTERRUPTED, "interrupted")
    except BrokenPipeError:
        # The reader has had enough, as `head` has; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(Exit.OK) from None
    except Exception as error:  # noqa: BLE001 - the boundary: an operator gets one line
        _end(Exit.INTERNAL, f"an error of shopctl: {type(error).__name__}: {error}")


def _end(code: Exit, message: str) -> NoReturn:
    line = " ".join(output.text(message).plain.split())
    output.console(stderr=True).print(Text(f"shopctl: {line}"), soft_wrap=True)
    raise typer.Exit(code) from None


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone.

    Raises:
        Failure: There is no one to ask.
        typer.Abort: The answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure(Exit.USAGE, f"{question} Say so with --yes")
    typer.confirm(question, abort=True, err=True)


__all__ = ["Limit", "ServiceOption", "Session", "Yes", "command", "confirm"]

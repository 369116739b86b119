"""Events that failed for good, over all services."""

from typing import Annotated, Any, NamedTuple

import orjson
import typer
from rich.console import Group
from shop.ops.v1 import ops_pb2

from shopctl.command import Limit, ServiceOption, Session, Yes, command, confirm
from shopctl.failures import Exit, Failure
from shopctl.many import do_each, of_each
from shopctl.output import Result, counted, json_of, record, table, text
from shopctl.pages import ALL, pages
from shopctl.profile import short
from shopctl.session import services

app = typer.Typer(no_args_is_help=True, help="Events that failed for good, over all services.")

LetterIds = Annotated[
    list[str] | None, typer.Argument(metavar="[LETTER]...", help="The letters' ids.")
]
All = Annotated[bool, typer.Option("--all", help="All of them; with --group those of a group.")]
Group_ = Annotated[
    str | None,
    typer.Option("--group", help="Only this consumer group, such as cart-product-created."),
]


class Letter(NamedTuple):
    """A dead letter and the service that keeps it."""

    service: str
    letter: ops_pb2.DeadLetter


@command(app, "list")
def list_letters(
    session: Session, service: ServiceOption = None, group: Group_ = None, limit: Limit = 24
) -> Result:
    """List dead letters, of each service the oldest first."""
    found = letters(session, service, group)
    rows = [
        (each.id, short(name), each.group, each.key, each.attempts, each.failed_at, each.error)
        for name, each in found[:limit]
    ]
    columns = ("ID", "SERVICE", "GROUP", "KEY", "TRIED", "FAILED", "ERROR")
    caption = counted(len(rows), len(found), "dead letters")
    data = {"deadLetters": [data_of(each) for each in found[:limit]], "totalSize": len(found)}
    return Result(data, table(columns, rows, caption))


@command(app, "show")
def show_letter(
    session: Session,
    letter: Annotated[str, typer.Argument(help="The letter's id.")],
    service: ServiceOption = None,
) -> Result:
    """Show a dead letter with its event, and what went wrong each time."""
    [(name, _)] = chosen(session, [letter], service)
    request = ops_pb2.GetDeadLetterRequest(dead_letter_id=letter)
    each = session.ops(name).GetDeadLetter(request).dead_letter
    entries = {
        "id": each.id,
        "service": short(name),
        "group": each.group,
        "topic": each.topic,
        "event id": each.event_id,
        "key": each.key,
        "tried": each.attempts,
        "failed": each.failed_at,
        "replayed by itself": each.replay_at,
        "error": each.error,
    }
    history = table(("AT", "ERROR"), [(failed.at, failed.error) for failed in each.history])
    event = text(_indented(each.event_json))
    return Result(data_of(Letter(name, each)), Group(record(entries), "", history, "", event))


@command(app, "replay")
def replay_letters(
    session: Session,
    letter: LetterIds = None,
    every: All = False,
    service: ServiceOption = None,
    group: Group_ = None,
) -> Result:
    """Handle events again; those that succeed are dead letters no more."""
    return do_each(
        selected(session, letter, service, group, every=every),
        lambda each: session.ops(each.service).ReplayDeadLetter(
            ops_pb2.ReplayDeadLetterRequest(dead_letter_id=each.letter.id)
        ),
        lambda each: (each.letter.id, short(each.service)),
        "replayed",
    )


@command(app, "drop")
def drop_letters(
    session: Session,
    letter: LetterIds = None,
    every: All = False,
    service: ServiceOption = None,
    group: Group_ = None,
    yes: Yes = False,
) -> Result:
    """Give events up: they are never handled."""
    found = selected(session, letter, service, group, every=every)
    confirm(f"Give up {len(found)} event(s) for good?", yes=yes)
    return do_each(
        found,
        lambda each: session.ops(each.service).DropDeadLetter(
            ops_pb2.DropDeadLetterRequest(dead_letter_id=each.letter.id)
        ),
        lambda each: (each.letter.id, short(each.service)),
        "dropped",
    )


def letters(session: Session, service: str | None, group: str | None) -> list[Letter]:
    """The dead letters of a service, or of all that have any."""
    answers = of_each(
        services(service),
        lambda name: pages(
            session.ops(name).ListDeadLetters,
            ops_pb2.ListDeadLettersRequest(group=group or ""),
            "dead_letters",
            ALL,
        ),
    )
    return [Letter(name, each) for name, answer in answers for each in answer.dead_letters]


def selected(
    session: Session, ids: list[str] | None, service: str | None, group: str | None, *, every: bool
) -> list[Letter]:
    """The letters of these ids, or all.

    Raises:
        Failure: Neither or both are asked for, or there is none of an id.
    """
    if bool(ids) == every:
        raise Failure(Exit.USAGE, "give LETTER ids, or --all")
    return letters(session, service, group) if every else chosen(session, ids or [], service)


def chosen(session: Session, ids: list[str], service: str | None) -> list[Letter]:
    """The letters of these ids, whichever service has them.

    Raises:
        Failure: There is none of an id.
    """
    found = {each.letter.id: each for each in letters(session, service, None)}
    missing = [each for each in ids if each not in found]
    if missing:
        raise Failure(Exit.REFUSED, f"LETTER: there is no dead letter {', '.join(missing)}")
    return [found[each] for each in ids]


def data_of(letter: Letter) -> dict[str, Any]:
    """A letter for scripts."""
    return {**json_of(letter.letter), "service": short(letter.service)}


def _indented(event: str) -> str:
    try:
        return orjson.dumps(orjson.loads(event), option=orjson.OPT_INDENT_2).decode()
    except ValueError:
        return event

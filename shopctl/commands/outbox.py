"""Events that wait to be published, or cannot be, over all services."""

from typing import Annotated, NamedTuple

import typer
from shop.ops.v1 import outbox_pb2

from shopctl.command import Limit, ServiceOption, Session, Yes, command, confirm
from shopctl.commands import stuck_events
from shopctl.commands.system import outbox_depth
from shopctl.failures import Exit, Failure
from shopctl.many import do_each, of_each
from shopctl.output import Result, counted, json_of, table
from shopctl.pages import ALL, pages
from shopctl.profile import short
from shopctl.session import services

app = typer.Typer(
    no_args_is_help=True,
    help="Events that wait to be published, or that Kafka rejected, over all services.",
)

EventIds = Annotated[
    list[str] | None, typer.Argument(metavar="[EVENT]...", help="The events' ids.")
]
All = Annotated[bool, typer.Option("--all", help="All of them.")]


class Rejected(NamedTuple):
    """A rejected event and the service that keeps it."""

    service: str
    event: outbox_pb2.RejectedEvent


@command(app, "rejected")
def list_rejected(session: Session, service: ServiceOption = None, limit: Limit = 24) -> Result:
    """List the events that Kafka rejected for good, of each service the oldest first."""
    found = rejected(session, service)
    rows = [
        (
            each.id,
            short(name),
            each.topic,
            each.key,
            each.size_bytes,
            each.happened_at,
            each.rejected_at,
        )
        for name, each in found[:limit]
    ]
    columns = ("ID", "SERVICE", "TOPIC", "KEY", "BYTES", "HAPPENED", "REJECTED")
    data = {
        "rejectedEvents": [{**json_of(each), "service": short(n)} for n, each in found[:limit]],
        "totalSize": len(found),
    }
    return Result(data, table(columns, rows, counted(len(rows), len(found), "rejected events")))


@command(app, "publish")
def publish_rejected(
    session: Session, event: EventIds = None, every: All = False, service: ServiceOption = None
) -> Result:
    """Publish rejected events again."""
    return do_each(
        chosen(session, event, service, every=every),
        lambda each: session.outbox(each.service).PublishRejectedEvent(
            outbox_pb2.PublishRejectedEventRequest(event_id=each.event.id)
        ),
        lambda each: (each.event.id, short(each.service)),
        "published",
    )


@command(app, "drop")
def drop_rejected(
    session: Session,
    event: EventIds = None,
    every: All = False,
    service: ServiceOption = None,
    yes: Yes = False,
) -> Result:
    """Give rejected events up: no one ever hears of them."""
    found = chosen(session, event, service, every=every)
    confirm(f"Give up {len(found)} event(s) for good?", yes=yes)
    return do_each(
        found,
        lambda each: session.outbox(each.service).DropRejectedEvent(
            outbox_pb2.DropRejectedEventRequest(event_id=each.event.id)
        ),
        lambda each: (each.event.id, short(each.service)),
        "dropped",
    )


command(app, "depth")(outbox_depth)
stuck_events.add_to(app)


def rejected(session: Session, service: str | None) -> list[Rejected]:
    """The rejected events of a service, or of all that have any."""
    answers = of_each(
        services(service),
        lambda name: pages(
            session.outbox(name).ListRejectedEvents,
            outbox_pb2.ListRejectedEventsRequest(),
            "rejected_events",
            ALL,
        ),
    )
    return [Rejected(name, each) for name, answer in answers for each in answer.rejected_events]


def chosen(
    session: Session, ids: list[str] | None, service: str | None, *, every: bool
) -> list[Rejected]:
    """The events of these ids, or all.

    Raises:
        Failure: Neither or both are asked for, or there is none of an id.
    """
    if bool(ids) == every:
        raise Failure(Exit.USAGE, "give EVENT ids, or --all")
    found = {each.event.id: each for each in rejected(session, service)}
    if missing := [each for each in ids or () if each not in found]:
        raise Failure(Exit.REFUSED, f"EVENT: there is no rejected event {', '.join(missing)}")
    return [found[each] for each in ids or found]

"""Events that wait too long to be published, over all services."""

from typing import Annotated

import typer
from shop.ops.v1 import outbox_pb2

from shopctl.command import ServiceOption, Session, Yes, command, confirm
from shopctl.failures import Exit, Failure
from shopctl.many import do_each, of_each
from shopctl.output import Result, table
from shopctl.session import services

StuckIds = Annotated[list[str], typer.Argument(metavar="STUCK...", help="Their ids.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "stuck")(list_stuck)
    command(app, "publish-stuck")(publish_stuck)
    command(app, "drop-stuck")(drop_stuck)


def list_stuck(session: Session, service: ServiceOption = None) -> Result:
    """List the events that have waited for half a minute or longer, of each service the longest."""
    found = stuck(session, service)
    rows = [
        (e.id, e.service, e.collection, e.topic, e.key, e.happened_at, e.attempts, e.error)
        for e in found
    ]
    columns = ("ID", "SERVICE", "COLLECTION", "TOPIC", "KEY", "HAPPENED", "TRIED", "ERROR")
    return Result({"stuckEvents": found}, table(columns, rows, f"{len(rows)} stuck events"))


def publish_stuck(session: Session, ids: StuckIds, service: ServiceOption = None) -> Result:
    """Publish events at once, each after those that wait before it."""
    return do_each(
        chosen(session, ids, service),
        lambda each: session.outbox(f"svc_{each.service}").PublishStuckEvent(
            outbox_pb2.PublishStuckEventRequest(stuck_event_id=each.id)
        ),
        lambda each: (each.id, each.service),
        "published",
    )


def drop_stuck(
    session: Session, ids: StuckIds, service: ServiceOption = None, yes: Yes = False
) -> Result:
    """Give events up: no one ever hears of them."""
    found = chosen(session, ids, service)
    confirm(f"Give up {len(found)} event(s) for good?", yes=yes)
    return do_each(
        found,
        lambda each: session.outbox(f"svc_{each.service}").DropStuckEvent(
            outbox_pb2.DropStuckEventRequest(stuck_event_id=each.id)
        ),
        lambda each: (each.id, each.service),
        "dropped",
    )


def stuck(session: Session, service: str | None) -> list[outbox_pb2.StuckEvent]:
    """The stuck events of a service, or of all that have any."""
    request = outbox_pb2.ListStuckEventsRequest()
    answers = of_each(services(service), lambda n: session.outbox(n).ListStuckEvents(request))
    return [each for _, answer in answers for each in answer.stuck_events]


def chosen(session: Session, ids: list[str], service: str | None) -> list[outbox_pb2.StuckEvent]:
    """The stuck events of these ids.

    Raises:
        Failure: There is none of an id.
    """
    found = {each.id: each for each in stuck(session, service)}
    if missing := [each for each in ids if each not in found]:
        raise Failure(Exit.REFUSED, f"STUCK: there is no stuck event {', '.join(missing)}")
    return [found[each] for each in ids]

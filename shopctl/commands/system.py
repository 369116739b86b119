"""How the shop is: its processes, and what waits in them."""

from typing import Annotated

import typer
from shop.ops.v1 import system_pb2

from shopctl.command import ServiceOption, Session, command
from shopctl.many import of_each
from shopctl.output import Result, table
from shopctl.session import services

Behind = Annotated[bool, typer.Option("--behind", help="Only groups that are behind.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "system")(system)
    command(app, "lag")(lag)


def system(session: Session, service: ServiceOption = None) -> Result:
    """Show each service: its version, whether it is ready, and what waits in it.

    As JSON with its settings too, without secrets.
    """
    found = processes(session, service)
    rows = [
        (
            each.service,
            each.version,
            each.host,
            each.started_at,
            each.is_ready,
            each.log_level.lower(),
            sum(outbox.entries for outbox in each.outboxes),
            sum(group.events for group in each.consumer_lag),
            each.dead_letters,
            ", ".join(b.name for b in each.circuit_breakers if b.state != "closed"),
            ", ".join(each.unknown),
        )
        for each in found
    ]
    columns = (
        *("SERVICE", "VERSION", "HOST", "STARTED", "READY", "LOGS", "OUTBOX", "LAG"),
        *("DEAD LETTERS", "OPEN CIRCUITS", "NOT KNOWN"),
    )
    return Result({"processes": found}, table(columns, rows))


def lag(session: Session, service: ServiceOption = None, behind: Behind = False) -> Result:
    """Show how many events each consumer group has not settled yet."""
    found = [
        (process.service, group)
        for process in processes(session, service)
        for group in process.consumer_lag
        if group.events or not behind
    ]
    rows = [(group.group, service, group.topic, group.events) for service, group in found]
    data = [group for _, group in found]
    return Result({"consumerLag": data}, table(("GROUP", "SERVICE", "TOPIC", "EVENTS"), rows))


def outbox_depth(session: Session, service: ServiceOption = None) -> Result:
    """Show how many events wait in the outboxes to be published, and since when."""
    found = [
        (process.service, outbox)
        for process in processes(session, service)
        for outbox in process.outboxes
    ]
    rows = [(outbox.collection, name, outbox.entries, outbox.oldest_at) for name, outbox in found]
    data = [outbox for _, outbox in found]
    return Result({"outboxes": data}, table(("COLLECTION", "SERVICE", "EVENTS", "OLDEST"), rows))


def processes(session: Session, service: str | None) -> list[system_pb2.Process]:
    """One process of a service, or of each."""
    answers = of_each(
        services(service),
        lambda name: session.system(name).GetSystem(system_pb2.GetSystemRequest()),
    )
    return [each for _, answer in answers for each in answer.processes]

"""What is wrong with a shop, and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.text import Text

from shopctl import checks
from shopctl.checks import Check, Finding, State
from shopctl.command import ServiceOption, Session, command
from shopctl.failures import Exit
from shopctl.output import Result, table
from shopctl.session import services

_STYLES = {
    State.OK: "green",
    State.WARNING: "yellow",
    State.FAILED: "bold red",
    State.SKIPPED: "dim",
}
_AT_ONCE = 16


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor")(doctor)


def doctor(
    session: Session,
    service: ServiceOption = None,
    gateway: Annotated[str, typer.Option(envvar="PUBLIC_URL", metavar="URL")] = "",
    kafka: Annotated[str, typer.Option(envvar="KAFKA_URL", metavar="HOST:PORT")] = "",
    redis: Annotated[str, typer.Option(envvar="REDIS_URL", metavar="URL")] = "",
    s3: Annotated[str, typer.Option(envvar="S3_URL", metavar="URL")] = "",
    stripe: Annotated[str, typer.Option(envvar="STRIPE_URL", metavar="URL")] = "",
) -> Result:
    """Check all that the shop needs, and say what to do where something is not right.

    Of a shop that `up` runs it knows where all is; of others it checks the services, and the
    servers whose addresses are given.
    """
    ready = session.profile.ready()
    given = {"gateway": gateway, "kafka": kafka, "redis": redis, "s3": s3, "stripe": stripe}
    known = {"gateway": ready.get("url", ""), **ready.get("servers", {})}
    servers = known | {name: url for name, url in given.items() if url}
    every = list(all_checks(session, services(service), servers))
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = [each for findings in threads.map(_run, every) for each in findings]
    failed = sum(each.state is State.FAILED for each in found)
    rows = [
        (each.check, Text(each.state, _STYLES[each.state]), each.detail, each.advice)
        for each in found
    ]
    caption = f"{len(found)} checks, {failed} failed" if failed else f"{len(found)} checks"
    return Result(
        {"ok": not failed, "checks": [vars(each) for each in found]},
        Group(table(("CHECK", "STATE", "DETAIL", "WHAT TO DO"), rows), Text(caption)),
        Exit.REFUSED if failed else Exit.OK,
    )


def all_checks(
    session: Session, names: Sequence[str], servers: Mapping[str, Any]
) -> Iterator[Check]:
    """The checks of these services; those of servers only where their addresses are known."""
    profile = session.profile
    yield partial(checks.token, session)
    if url := servers.get("gateway"):
        yield partial(checks.gateway, url)
    for name in names:
        for replica, address in profile.replicas(name).items():
            yield partial(checks.service, session, replica, address)
            if profile.sign_in is not None:
                yield partial(checks.system, session, replica, session.channel_to(name, address))
    for database, url in (servers.get("mongo") or {}).items():
        yield partial(checks.mongodb, database, url)
    yield from _server_checks(servers)


def _server_checks(servers: Mapping[str, Any]) -> Iterator[Check]:
    if servers.get("kafka"):
        yield partial(checks.kafka, servers["kafka"])
    if servers.get("redis"):
        yield partial(checks.redis, servers["redis"])
    if servers.get("s3"):
        advice = "start S3; until then pages have no pictures"
        yield partial(checks.http_server, "s3", servers["s3"], advice)
    if servers.get("stripe"):
        advice = "look at Stripe's status page; until then nothing can be paid"
        yield partial(checks.http_server, "stripe", servers["stripe"], advice)


def _run(check: Check) -> list[Finding]:
    return list(check())

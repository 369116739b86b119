"""Events as they are published, read from Kafka."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Annotated, Any

import orjson
import typer
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from rich.text import Text
from shop.cart.v1 import events_pb2 as cart_events
from shop.catalog.v1 import events_pb2 as catalog_events
from shop.options.v1 import options_pb2
from shop.orders.v1 import events_pb2 as orders_events
from shop.payments.v1 import events_pb2 as payments_events

from chassis.errors import Unavailable
from chassis.events import Event
from shopctl.command import Session, command
from shopctl.failures import Exit, Failure
from shopctl.output import Result, json_of, text

app = typer.Typer(no_args_is_help=True, help="Events as they are published.")

_CONTRACT = (cart_events, catalog_events, orders_events, payments_events)


@command(app, "tail")
def tail_events(
    session: Session,
    topic: Annotated[
        list[str] | None,
        typer.Option(help="Only these topics, which are the events' types; `order.*` is several."),
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Only of this aggregate, such as an order's id.")
    ] = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Begin with the oldest that Kafka keeps.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow/--no-follow", help="Wait for what comes, until Ctrl-C.")
    ] = True,
    limit: Annotated[int | None, typer.Option(min=1, help="End after so many.")] = None,
    kafka: Annotated[
        str,
        typer.Option(envvar="KAFKA_URL", metavar="HOST:PORT", help="Kafka's servers."),
    ] = "",
) -> Iterator[Result]:
    """Show events as they are published, one a line; no consumer group notices.

    They are read from Kafka itself, so it has to be reachable; a shop that `up` runs says where.
    """
    servers = kafka or session.profile.ready().get("servers", {}).get("kafka", "")
    if not servers:
        raise Failure(Exit.USAGE, "give --kafka HOST:PORT, Kafka's bootstrap servers")
    wanted = {
        name: kind
        for name, kind in messages_by_topic().items()
        if not topic or any(fnmatchcase(name, each) for each in topic)
    }
    if not wanted:
        raise Failure(Exit.USAGE, f"--topic must be of {', '.join(messages_by_topic())}")
    # What takes its time at the start is imported where it is used, as in `checks`.
    from chassis.kafka.clients import KafkaClients
    from chassis.kafka.tail import tail

    clients = KafkaClients(servers, "shopctl")
    shown = 0
    try:
        for found in tail(clients, wanted, from_start=from_start, follow=follow):
            if key is None or found.event.key == key:
                yield line_of(found.event, found.value, wanted[found.event.topic])
                shown += 1
                if shown == limit:
                    return
    except Unavailable as error:
        advice = f"start it, or give --kafka ({error})"
        raise Failure(Exit.UNREACHABLE, f"Kafka is unreachable at {servers}: {advice}") from None


def messages_by_topic() -> Mapping[str, type[Message]]:
    """The message of each topic, as the contract says."""
    found = {
        message.GetOptions().Extensions[options_pb2.event].topic: GetMessageClass(message)
        for module in _CONTRACT
        for message in module.DESCRIPTOR.message_types_by_name.values()
    }
    return {topic: found[topic] for topic in sorted(found) if topic}


def line_of(event: Event, value: bytes, kind: type[Message]) -> Result:
    """An event, on one line for people."""
    try:
        data: Any = json_of(kind.FromString(value))
    except DecodeError:
        data = None
    attributes = {
        "time": event.time.isoformat(timespec="milliseconds"),
        "type": event.topic,
        "key": event.key,
        "id": event.id,
        "source": event.source,
        "traceparent": event.trace,
        "data": data,
    }
    content = "(cannot be read)" if data is None else orjson.dumps(data).decode()
    shown = Text.assemble(
        (f"{event.time:%H:%M:%S} ", "dim"), (event.topic, "bold"), " ", text(event.key), " "
    )
    return Result(attributes, shown + text(content))

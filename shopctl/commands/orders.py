"""Orders of everyone."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer
from google.protobuf.timestamp_pb2 import Timestamp
from rich.console import Group
from shop.orders.v1 import orders_pb2

from chassis.rpc.values import timestamp_message
from shopctl.command import Limit, Session, Yes, command, confirm
from shopctl.commands.users import user_id_of
from shopctl.output import Result, counted, name_of, record, table
from shopctl.pages import pages

app = typer.Typer(no_args_is_help=True, help="Orders of everyone.")

OrderId = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")]
Time = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], help="In UTC."),
]


class Status(StrEnum):
    """Where an order stands."""

    CREATED = "created"
    PENDING = "pending"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@command(app, "list")
def list_orders(
    session: Session,
    status: Annotated[Status | None, typer.Option(help="Only this status.")] = None,
    user: Annotated[
        str | None, typer.Option(metavar="USER", help="Only this user's, by email or id.")
    ] = None,
    since: Time = None,
    before: Time = None,
    limit: Limit = 24,
) -> Result:
    """List orders, newest first."""
    request = orders_pb2.ListAllOrdersRequest(
        user_id=user_id_of(session, user) if user else "",
        to=_timestamp(before),
    )
    if status is not None:
        request.status = orders_pb2.OrderStatus.Value(f"ORDER_STATUS_{status.name}")
    if since is not None:
        getattr(request, "from").CopyFrom(_timestamp(since))
    found = pages(session.orders.ListAllOrders, request, "orders", limit)
    rows = [
        (each.id, each.number, status_of(each), each.total, each.user_email, each.created_at)
        for each in found.orders
    ]
    columns = ("ID", "NUMBER", "STATUS", "TOTAL", "USER", "MADE")
    return Result(found, table(columns, rows, counted(len(rows), found.total_size, "orders")))


@command(app, "show")
def show_order(session: Session, order: OrderId) -> Result:
    """Show an order with its timeline."""
    request = orders_pb2.GetAnyOrderRequest(order_id=order)
    return shown(session.orders.GetAnyOrder(request))


@command(app, "cancel")
def cancel_order(
    session: Session,
    order: OrderId,
    reason: Annotated[str, typer.Option(help="Why, for the timeline.")] = "",
    yes: Yes = False,
) -> Result:
    """Cancel an order; a paid one is refunded, and its stock goes back."""
    confirm(f"Cancel {order}, and refund what was paid?", yes=yes)
    request = orders_pb2.CancelAnyOrderRequest(order_id=order, detail=reason)
    return shown(session.orders.CancelAnyOrder(request))


def shown(answer: orders_pb2.GetAnyOrderResponse | orders_pb2.CancelAnyOrderResponse) -> Result:
    """An order that was answered."""
    order = answer.order
    entries = {
        "id": order.id,
        "number": order.number,
        "status": status_of(order),
        "total": order.total,
        "user": f"{order.user_email} ({order.user_id})",
        "made": order.created_at,
        "expires": order.expires_at,
    }
    items = [(each.quantity, each.title, each.price, each.product_id) for each in order.items]
    timeline = [(each.at, each.type, each.detail) for each in order.timeline]
    return Result(
        answer,
        Group(
            record(entries),
            "",
            table(("QUANTITY", "TITLE", "PRICE", "PRODUCT"), items),
            "",
            table(("AT", "WHAT", "DETAIL"), timeline),
        ),
    )


def status_of(order: orders_pb2.Order) -> str:
    """Where an order stands, in a word."""
    return name_of(order.status, orders_pb2.OrderStatus, "ORDER_STATUS_")


def _timestamp(time: datetime | None) -> Timestamp | None:
    return None if time is None else timestamp_message(time.replace(tzinfo=UTC))

"""How many calls a shop takes, and how long they take."""

import random
import time
from enum import StrEnum
from typing import Annotated

import typer
from rich import progress
from shop.catalog.v1 import catalog_pb2
from shop.orders.v1 import orders_pb2

from shopctl import load
from shopctl.command import Session, Yes, command, confirm
from shopctl.failures import Exit, Failure
from shopctl.output import Result, console, record

_PERCENTILES = (50, 90, 95, 99, 100)


class Scenario(StrEnum):
    """What each thread does again and again."""

    BROWSE = "browse"
    ORDER = "order"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "loadtest")(loadtest)


def loadtest(
    session: Session,
    scenario: Annotated[
        Scenario,
        typer.Option(
            help="browse: list products and show one; order: make an order of one and cancel it."
        ),
    ] = Scenario.BROWSE,
    concurrency: Annotated[int, typer.Option(min=1, max=500, help="Threads that call.")] = 8,
    duration: Annotated[
        float, typer.Option(min=0.1, metavar="SECONDS", help="How long to call.")
    ] = 10.0,
    yes: Yes = False,
) -> Result:
    """Call the services over gRPC with many threads, and report rate and percentiles.

    One process of Python makes some thousand calls a second at most; start several for more.
    """
    products = products_of(session)
    if scenario is Scenario.ORDER:
        confirm("Make and cancel orders in this shop, whose products sell meanwhile?", yes=yes)
        session.orders.ListOrders(orders_pb2.ListOrdersRequest(page_size=1))
        play = orders(session, products)
    else:
        play = browsing(session, products)
    began = time.monotonic()
    with progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
        disable=not console(stderr=True).is_terminal,
    ) as shown:
        task = shown.add_task("calling", total=duration)
        for measured in load.run(play, threads=concurrency, seconds=duration):
            elapsed = time.monotonic() - began
            rate = f"{len(measured.seconds) / max(elapsed, 0.001):,.0f} calls a second"
            failures = f", {measured.failures.total():,} failed" if measured.failures else ""
            shown.update(task, completed=elapsed, description=rate + failures)
    return report(measured, time.monotonic() - began, concurrency)


def products_of(session: Session) -> list[str]:
    """Ids of products that can be bought.

    Raises:
        Failure: There are none.
    """
    request = catalog_pb2.ListProductsRequest(in_stock=True, page_size=100)
    found = [each.id for each in session.catalog.ListProducts(request).products]
    if not found:
        raise Failure(Exit.REFUSED, "no product can be bought: add one with `products create`")
    return found


def browsing(session: Session, products: list[str]) -> load.Scenario:
    """List the newest products, and look at one."""

    def play(watch: load.Stopwatch) -> None:
        watch.time(lambda: session.catalog.ListProducts(catalog_pb2.ListProductsRequest()))
        request = catalog_pb2.GetProductRequest(product_id=random.choice(products))  # noqa: S311
        watch.time(lambda: session.catalog.GetProduct(request))

    return play


def orders(session: Session, products: list[str]) -> load.Scenario:
    """Make an order of one product, and cancel it: nothing is paid, and the stock comes back."""

    def play(watch: load.Stopwatch) -> None:
        line = orders_pb2.OrderLine(product_id=random.choice(products), quantity=1)  # noqa: S311
        request = orders_pb2.CreateOrderRequest(items=[line])
        order = watch.time(lambda: session.orders.CreateOrder(request)).order
        cancel = orders_pb2.CancelOrderRequest(order_id=order.id)
        watch.time(lambda: session.orders.CancelOrder(cancel))

    return play


def report(measured: load.Measured, elapsed: float, concurrency: int) -> Result:
    """Rate, percentiles and failures."""
    times = sorted(measured.seconds)
    milliseconds = {
        "max" if percent == 100 else f"p{percent}": round(load.percentile(times, percent) * 1000, 2)
        for percent in _PERCENTILES
    }
    data = {
        "seconds": round(elapsed, 2),
        "concurrency": concurrency,
        "calls": len(times),
        "callsPerSecond": round(len(times) / elapsed, 1),
        "milliseconds": milliseconds,
        "failures": dict(measured.failures),
    }
    shown = {
        "calls": f"{len(times):,} in {elapsed:.1f} s by {concurrency} threads",
        "rate": f"{len(times) / elapsed:,.1f} calls a second",
        **{name: f"{value:,.2f} ms" for name, value in milliseconds.items()},
        "failed": ", ".join(f"{count:,} {name}" for name, count in measured.failures.items()),
    }
    return Result(data, record(shown), Exit.REFUSED if measured.failures else Exit.OK)

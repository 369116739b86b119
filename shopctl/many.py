"""The same for each of several services, or for each of many things that they keep."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import grpc
from rich.console import Group
from rich.text import Text

from shopctl.failures import Exit, Failure
from shopctl.output import Result, table

Answer = TypeVar("Answer")
Item = TypeVar("Item")


def of_each(services: Sequence[str], ask: Callable[[str], Answer]) -> Iterator[tuple[str, Answer]]:
    """Each service with its answer; those that do not have the RPC are left out."""
    for service in services:
        try:
            answer = ask(service)
        except Failure as failure:
            if failure.status is not grpc.StatusCode.UNIMPLEMENTED:
                raise
        else:
            yield service, answer


def do_each(
    items: Iterable[Item],
    act: Callable[[Item], object],
    name: Callable[[Item], tuple[str, str]],
    done: str,
) -> Result:
    """Do something with each item; with the others too where one is refused.

    Args:
        items: The items.
        act: Does it; raises Failure where it is refused.
        name: The id of an item and its service.
        done: What has been done then, such as `replayed`.
    """
    rows = []
    for item in list(items):
        outcome = done
        try:
            act(item)
        except Failure as failure:
            if failure.code is not Exit.REFUSED:
                raise
            outcome = str(failure)
        rows.append((*name(item), outcome))
    refused = sum(row[-1] != done for row in rows)
    data: list[dict[str, Any]] = [
        dict(zip(("id", "service", "outcome"), row, strict=True)) for row in rows
    ]
    caption = Text(f"{len(rows) - refused} {done}, {refused} refused")
    return Result(
        {"outcomes": data},
        Group(table(("ID", "SERVICE", "OUTCOME"), rows), caption),
        Exit.REFUSED if refused else Exit.OK,
    )

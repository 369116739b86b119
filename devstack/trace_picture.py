"""A picture of one purchase: buys something in a shop that runs with `--trace`, and draws that.

    python -m devstack trace-picture

Each line is a span, below what caused it, with a bar from when it began to when it ended.
"""

import secrets
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import httpx

from devstack.startup_errors import StartupError

# Processes export every five seconds; a trace that has not grown for longer is whole.
STILL_SECONDS = 12.0
PATIENCE_SECONDS = 120.0
ROW, TOP, NAMES, BARS, MARGIN = 18, 56, 560, 600, 16
COLOURS = {
    "gateway": "#2563eb",
    "svc_auth": "#7c3aed",
    "svc_cart": "#db2777",
    "svc_catalog": "#059669",
    "svc_notify": "#d97706",
    "svc_orders": "#dc2626",
    "svc_payments": "#0891b2",
}
GREY = "#6b7280"


@dataclass(frozen=True)
class Row:
    """A span in its place; times in microseconds since the trace began."""

    depth: int
    process: str
    name: str
    began: int
    lasted: int


def picture_of_a_purchase(ready: Mapping[str, Any]) -> str:
    """An SVG of a purchase in the shop that `ready.json` describes.

    Raises:
        StartupError: That shop is not traced, or does not sell.
    """
    if "traces" not in ready:
        raise StartupError("This shop is not traced: start it with --trace.")
    trace_id = secrets.token_hex(16)
    try:
        buy(ready, f"00-{trace_id}-{secrets.token_hex(8)}-01")
    except (httpx.HTTPError, LookupError) as error:
        raise StartupError(f"Nothing could be bought: {error}") from error
    return svg(rows(whole_trace(ready["servers"]["zipkin"], trace_id)))


def buy(ready: Mapping[str, Any], traceparent: str) -> None:
    """Buy one thing as the demo's shopper, all of it in one trace."""
    with httpx.Client(base_url=ready["url"], timeout=30.0) as client:
        _post(client, "/api/users/signin", ready["logins"]["shopper"])
        listed = client.get("/api/products", params={"pageSize": 24}).raise_for_status().json()
        thing = next(each for each in listed["products"] if each["available"])
        client.headers["traceparent"] = traceparent
        _post(client, "/api/cart/add", {"productId": thing["id"], "quantity": 1})
        order = _post(client, "/api/cart/checkout", {})["order"]
        _post(client, "/api/payments", {"orderId": order["id"], "paymentMethodId": "pm_card_visa"})


def whole_trace(zipkin: str, trace_id: str) -> list[dict[str, Any]]:
    """The spans of a trace as Zipkin has them, once no more arrive.

    Raises:
        StartupError: None do.
    """
    spans: list[dict[str, Any]] = []
    grew = began = time.monotonic()
    while time.monotonic() - grew < (STILL_SECONDS if spans else PATIENCE_SECONDS):
        answer = httpx.get(f"{zipkin}/api/v2/trace/{trace_id}")
        found = answer.json() if answer.status_code == httpx.codes.OK else []
        if len(found) > len(spans):
            spans, grew = found, time.monotonic()
        if time.monotonic() - began > PATIENCE_SECONDS:
            break
        time.sleep(0.5)
    if not spans:
        raise StartupError("No span has arrived in Zipkin.")
    return spans


def rows(spans: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Spans as Zipkin has them, each below its parent, and those of one parent as they began."""
    there = {span["id"] for span in spans}
    children = defaultdict(list)
    for span in sorted(spans, key=lambda each: each["timestamp"]):
        parent = span.get("parentId")
        children[parent if parent in there else None].append(span)
    start = min(span["timestamp"] for span in spans)
    found: list[Row] = []

    def place(span: Mapping[str, Any], depth: int) -> None:
        process = span["localEndpoint"]["serviceName"]
        began = span["timestamp"] - start
        found.append(Row(depth, process, span["name"], began, span.get("duration", 0)))
        for child in children[span["id"]]:
            place(child, depth + 1)

    for root in children[None]:
        place(root, 0)
    return found


def svg(placed: Sequence[Row]) -> str:
    """The picture."""
    whole = max(row.began + row.lasted for row in placed) or 1
    width, height = NAMES + BARS + 2 * MARGIN, TOP + ROW * len(placed) + MARGIN
    processes = sorted({row.process for row in placed})
    title = f"One purchase: {len(placed)} spans of {len(processes)} processes in one trace"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' font-family="ui-monospace, monospace" font-size="11">',
        f"<title>{title}</title>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{MARGIN}" y="22" font-size="14">{title}, {whole / 1000:.0f} ms</text>',
    ]
    at = MARGIN
    for process in processes:
        lines.append(f'<text x="{at}" y="42" fill="{_colour(process)}">■ {process}</text>')
        at += 8 * (len(process) + 4)
    for number, row in enumerate(placed):
        y = TOP + ROW * number
        x = NAMES + MARGIN + BARS * row.began / whole
        wide = max(2.0, BARS * row.lasted / whole)
        colour = _colour(row.process)
        name = escape(row.name.rpartition(".")[2] if "/" in row.name else row.name)
        lines += [
            f'<text x="{MARGIN + 14 * row.depth}" y="{y + 12}" fill="{colour}">{name}</text>',
            f'<rect x="{x:.1f}" y="{y + 4}" width="{wide:.1f}" height="9" rx="2" fill="{colour}">'
            f"<title>{row.process}: {escape(row.name)}, {row.lasted / 1000:.1f} ms</title></rect>",
        ]
    return "\n".join([*lines, "</svg>", ""])


def _colour(process: str) -> str:
    return COLOURS.get(process, GREY)


def _post(client: httpx.Client, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = client.post(path, json=body).raise_for_status().json()
    return answer

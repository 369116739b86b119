"""The picture of a trace: each span below its parent, and when it was."""

import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from devstack.__main__ import main
from devstack.startup_errors import StartupError
from devstack.trace_picture import Row, picture_of_a_purchase, rows, svg

SVG = "{http://www.w3.org/2000/svg}"


def span(id_: str, parent: str, process: str, name: str, timestamp: int) -> dict[str, object]:
    return {
        "id": id_,
        "parentId": parent,
        "localEndpoint": {"serviceName": process},
        "name": name,
        "timestamp": timestamp,
        "duration": 50,
    }


SPANS = [
    span("d", "b", "svc_notify", "process order.created", 1200),
    span("a", "browser", "gateway", "post /api/cart/checkout", 1000),
    span("c", "a", "gateway", "later", 1100),
    span("b", "a", "svc_orders", "send <order.created>", 1050),
]


def test_each_span_is_below_its_parent_and_in_its_turn() -> None:
    assert rows(SPANS) == [
        Row(0, "gateway", "post /api/cart/checkout", 0, 50),
        Row(1, "svc_orders", "send <order.created>", 50, 50),
        Row(2, "svc_notify", "process order.created", 200, 50),
        Row(1, "gateway", "later", 100, 50),
    ]


def test_the_picture_shows_each_span_deeper_than_its_parent() -> None:
    picture = ElementTree.fromstring(svg(rows(SPANS)))
    texts = {each.text: float(each.get("x", "")) for each in picture.iter(f"{SVG}text")}
    assert texts["post /api/cart/checkout"] < texts["send <order.created>"]
    assert texts["send <order.created>"] < texts["process order.created"]
    assert "4 spans of 3 processes" in str(picture.findtext(f"{SVG}title"))


def test_a_shop_that_is_not_traced_has_no_picture() -> None:
    with pytest.raises(StartupError, match="--trace"):
        picture_of_a_purchase({"url": "http://127.0.0.1:1"})


def test_without_a_shop_it_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["devstack", "trace-picture", "--data", str(tmp_path)])
    assert main() == 1
    assert "--trace" in capsys.readouterr().err

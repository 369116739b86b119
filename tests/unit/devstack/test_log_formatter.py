"""JSON log lines, made readable."""

import pytest

from devstack.log_formatter import render


def test_a_line_of_structlog_reads_like_a_sentence() -> None:
    line = (
        '{"timestamp": "2026-11-23T12:30:01.123456Z", "level": "warning", "event": "order expired",'
        ' "logger": "svc_orders.usecases", "process": "svc_orders", "order_id": "o1", "total": 42}'
    )

    assert render(line) == "12:30:01.123 warning order expired order_id=o1 total=42"


def test_values_with_spaces_are_quoted() -> None:
    assert render('{"event": "e", "level": "info", "title": "Blue lamp"}') == (
        'info    e title="Blue lamp"'
    )


def test_an_exception_keeps_its_lines() -> None:
    line = '{"event": "failed", "level": "error", "exception": "Traceback\\nValueError: x"}'

    assert render(line) == "error   failed\nTraceback\nValueError: x"


@pytest.mark.parametrize("line", ["plain text", "{not json", '{"no": "event"}', "[1]", ""])
def test_other_lines_are_left_alone(line: str) -> None:
    assert render(line) == line

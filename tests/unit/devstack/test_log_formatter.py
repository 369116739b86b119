"""JSON log lines, made readable."""

import json

import pytest

from devstack.log_formatter import render


def test_a_line_of_structlog_reads_like_a_sentence() -> None:
    line = (
        '{"@timestamp": "2026-11-23T12:30:01.123456Z", "log.level": "WARN",'
        ' "message": "order expired", "log.logger": "svc_orders.usecases",'
        ' "service.name": "svc_orders", "ecs.version": "8.17.0", "trace.id": "4bf9",'
        ' "http.request.id": "r1", "labels.order_id": "o1", "labels.total": 42}'
    )

    assert render(line) == "12:30:01.123 WARN  order expired request=r1 order_id=o1 total=42"


def test_values_with_spaces_are_quoted() -> None:
    assert render('{"message": "m", "log.level": "INFO", "labels.title": "Blue lamp"}') == (
        'INFO  m title="Blue lamp"'
    )


def test_an_exception_keeps_its_lines() -> None:
    line = (
        '{"message": "failed", "log.level": "ERROR", "error.type": "ValueError",'
        ' "error.message": "x", "error.stack_trace": "Traceback\\nValueError: x"}'
    )

    assert render(line) == "ERROR failed\nTraceback\nValueError: x"


@pytest.mark.parametrize("code", ["\\u001b", "\\u009b", "\\r", "\\u202e"])
def test_nothing_that_a_caller_sent_moves_the_cursor(code: str) -> None:
    line = f'{{"message": "m", "url.path": "/{code}[2J", "error.stack_trace": "E\\n{code}"}}'

    shown = render(line)
    assert json.loads(f'"{code}"') not in shown
    assert len(shown.splitlines()) == 3


@pytest.mark.parametrize("line", ["plain text", "{not json", '{"no": "message"}', "[1]", ""])
def test_other_lines_are_left_alone(line: str) -> None:
    assert render(line) == line

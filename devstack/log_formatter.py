"""The JSON log lines of the shop's processes, made readable for a terminal."""

import json

# What structlog always writes; everything else on a line is shown as key=value.
TIMESTAMP, LEVEL, EVENT, EXCEPTION = "timestamp", "level", "event", "exception"
# What the name before the line has said already, or no one needs on a terminal.
UNSHOWN = ("logger", "process")


def render(line: str) -> str:
    """One line for people from one line of a log.

    Args:
        line: a JSON object with `timestamp`, `level`, `event`, perhaps `logger`, and extras; or
            any other text, which comes back as it is.

    Returns:
        `12:30:01.123 warning  event key=value`, and the exception's text below it if there is one.
    """
    fields = _fields(line)
    if fields is None:
        return line
    clock = _clock(str(fields.pop(TIMESTAMP, "")))
    level = str(fields.pop(LEVEL, "")).ljust(7)
    event = str(fields.pop(EVENT))
    exception = fields.pop(EXCEPTION, None)
    extras = [f"{key}={_value(value)}" for key, value in fields.items() if key not in UNSHOWN]
    text = " ".join([*filter(None, [clock]), level, event, *extras])
    return f"{text}\n{exception}" if exception else text


def is_warning(line: str) -> bool:
    """Whether a line of a log is a warning: no error, and no mere information."""
    return (_fields(line) or {}).get(LEVEL) == "warning"


def _fields(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) and EVENT in fields else None


def _clock(timestamp: str) -> str:
    """`12:30:01.123` of an ISO 8601 time; another format is left alone."""
    _, separator, time = timestamp.partition("T")
    return time[:12] if separator else timestamp


def _value(value: object) -> str:
    if isinstance(value, str) and value and not set(value) & set(' "\n\t='):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)

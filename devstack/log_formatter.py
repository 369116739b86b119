"""The JSON log lines of the shop's processes, made readable for a terminal."""

import json

# What every line has, by its names in ECS; everything else on it is shown as key=value.
TIMESTAMP, LEVEL, MESSAGE, STACK = "@timestamp", "log.level", "message", "error.stack_trace"
# What the name before the line has said already, or no one needs on a terminal.
UNSHOWN = (
    *("ecs.version", "service.name", "service.version", "log.logger"),
    *("trace.id", "span.id", "session.id", "error.type"),
)
# Shorter names of others.
SHORT = {
    "http.request.id": "request",
    "http.response.status_code": "status",
    "user.id": "user",
    "event.id": "event",
    "event.reason": "reason",
    "error.message": "error",
    "error.code": "code",
    "url.path": "path",
}


def render(line: str) -> str:
    """One line for people from one line of a log.

    Args:
        line: a JSON object with fields of ECS, `@timestamp`, `log.level` and `message` among them;
            or any other text, which comes back as it is.

    Returns:
        `12:30:01.123 WARN  message key=value`, and the exception's text below it if there is one.
    """
    fields = _fields(line)
    if fields is None:
        return line
    clock = _clock(str(fields.pop(TIMESTAMP, "")))
    level = str(fields.pop(LEVEL, "")).ljust(5)
    message = str(fields.pop(MESSAGE))
    stack = fields.pop(STACK, None)
    extras = [
        f"{SHORT.get(key, key).removeprefix('labels.')}={_value(value)}"
        for key, value in fields.items()
        if key not in UNSHOWN and not (stack and key == "error.message")
    ]
    text = " ".join([*filter(None, [clock]), level, message, *extras])
    return visible(f"{text}\n{stack}" if stack else text)


def visible(text: str) -> str:
    """`text` with escapes for what moves a terminal's cursor or colours it: callers choose some."""
    return "".join(
        each if each.isprintable() or each in "\n\t" else each.encode("unicode_escape").decode()
        for each in text
    )


def is_warning(line: str) -> bool:
    """Whether a line of a log is a warning: no error, and no mere information."""
    return (_fields(line) or {}).get(LEVEL) == "WARN"


def _fields(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields if isinstance(fields, dict) and MESSAGE in fields else None


def _clock(timestamp: str) -> str:
    """`12:30:01.123` of an ISO 8601 time; another format is left alone."""
    _, separator, time = timestamp.partition("T")
    return time[:12] if separator else timestamp


def _value(value: object) -> str:
    if isinstance(value, str) and value and not set(value) & set(' "\n\t='):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)

"""What the pattern of a field takes: as a regular expression, and in words."""

import re

from shop.options.v1 import options_pb2

_CHOICES = re.compile(r"\^\(([\w|-]+)\)\$")


def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern whose last `$` is the very end: Python's would let a line break stand there."""
    return re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", pattern))


def takes_empty(rules: options_pb2.FieldRules) -> bool:
    """Whether an empty string that is given satisfies the rules."""
    return not rules.min_length and (
        not rules.pattern or compiled(rules.pattern).search("") is not None
    )


def wanted(rules: options_pb2.FieldRules) -> str:
    """What a string must be, such as `must be one of: newest, price, -price, title`."""
    if choices := _CHOICES.fullmatch(rules.pattern):
        return f"must be one of: {', '.join(choices[1].split('|'))}"
    if rules.pattern:
        return f"must be {rules.pattern_hint}"
    return f"must be at least {max(1, rules.min_length)} characters long"

"""What is wrong with a request, kept short: nonsense is not answered by more of it."""

from collections.abc import Iterable
from typing import NamedTuple

MAX_VIOLATIONS = 20
MAX_FIELD_LENGTH = 64


class Violation(NamedTuple):
    """A field that is not as it must be; `message` says how it must be."""

    field: str
    message: str


class TooManyViolationsError(Exception):
    """More is wrong than is told; there is no point in pending on."""


class Violations(list[Violation]):
    """The first violations that are found; paths longer than anybody reads are cut.

    Raises:
        TooManyViolationsError: One more is added than are told.
    """

    def append(self, violation: Violation, /) -> None:
        """Add one."""
        if len(self) == MAX_VIOLATIONS:
            raise TooManyViolationsError
        super().append(Violation(shortened(violation.field), violation.message))

    def extend(self, violations: Iterable[Violation], /) -> None:
        """Add some."""
        for violation in violations:
            self.append(violation)


def shortened(text: str, length: int = MAX_FIELD_LENGTH) -> str:
    """`text`, at most `length` characters of it."""
    return text if len(text) <= length else f"{text[: length - 1]}…"

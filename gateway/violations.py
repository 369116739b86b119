"""What is wrong with a request, kept short: nonsense is not answered by more of it."""

from collections.abc import Iterable

from chassis.contract.validation import Violation

MAX_VIOLATIONS = 20
MAX_FIELD_LENGTH = 64


class TooManyViolationsError(Exception):
    """More is wrong than an answer lists, so the rest of the request is not looked at."""


class Violations(list[Violation]):
    """The first violations that are found; paths that are too long to read are cut.

    Raises:
        TooManyViolationsError: One more is added than an answer lists.
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

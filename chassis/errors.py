"""What a use case answers instead of a result.

    Refusal                 the caller learns why: `reason` is an ErrorReason of the contract
    ├── InvalidField        a field breaks a rule that annotations cannot express
    ├── NotFound            there is no such thing, or it is someone else's
    ├── Unauthenticated     no one is signed in
    ├── PermissionDenied    the caller's role does not allow it
    ├── RateLimited         it was done too often
    └── Unavailable         something that is needed does not answer

Services subclass Refusal in their model with the reasons of their own.
"""

from typing import ClassVar


class Refusal(Exception):
    """A call that is refused for a reason that the caller can act on.

    Args:
        message: One sentence for people; the `detail` of the problem document.
    """

    reason: ClassVar[str]

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class InvalidField(Refusal):
    """A field breaks a rule.

    Args:
        field: Path of the field in the request, as the contract spells it: `price.amount_minor`.
        message: What must be so, beginning with "must" or "is".
    """

    reason = "VALIDATION_FAILED"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotFound(Refusal):
    """There is no such thing, or it belongs to someone else."""

    reason = "NOT_FOUND"


class Unauthenticated(Refusal):
    """No one is signed in, or the session has ended."""

    reason = "UNAUTHENTICATED"


class PermissionDenied(Refusal):
    """The caller's role does not allow it."""

    reason = "PERMISSION_DENIED"


class RateLimited(Refusal):
    """It was done too often.

    Args:
        message: What may be done how often.
        seconds: After how long it may be done again.
    """

    reason = "RATE_LIMITED"

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Unavailable(Refusal):
    """Something that the call needs does not answer; trying again later may succeed."""

    reason = "UNAVAILABLE"

"""A form that comes back to the shopper: what was typed, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ui.api.problems import ApiProblem


@dataclass(frozen=True)
class Form:
    """What a form shows.

    Attributes:
        values: Field -> what was typed, or stands there at first.
        errors: Field -> what must be so, such as `must be at least 1`.
        message: What is wrong with the form as a whole; empty for nothing.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    message: str = ""

    def value(self, name: str) -> str:
        """What stands in a field."""
        return self.values.get(name, "")

    def error(self, name: str) -> str:
        """What must be so with a field; empty where it is well."""
        return self.errors.get(name, "")


def refused(
    values: Mapping[str, str],
    problem: ApiProblem,
    messages: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> Form:
    """The form that the API refused; errors of fields that it does not show go above it.

    Args:
        values: What was typed, without passwords; its names are the fields that the form has.
        problem: The refusal.
        messages: Reason -> what to say instead of the API's own sentence.
        names: The API's name of a field -> the form's, where they differ.

    Raises:
        ApiProblem: The refusal is not about what was typed.
    """
    if problem.status >= 500 or problem.reason == "UNAUTHENTICATED":
        raise problem
    errors = {(names or {}).get(name, name): text for name, text in problem.errors.items()}
    shown = {name: text for name, text in errors.items() if name in values}
    message = (messages or {}).get(problem.reason, "")
    if not message and not shown:
        message = problem.detail
    return Form(values, shown, message)

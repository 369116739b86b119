"""Typed, checked reading of a request's parameters, with Stripe's own complaints."""

from collections.abc import Collection
from typing import Self

from .errors import ParameterError
from .forms import Tree

MAX_INTEGER = 99_999_999
METADATA_KEYS = 50
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 500
MAX_TEXT = 5000


class Params:
    """One level of a request's parameters.

    An empty string means "unset" to Stripe: `text("x")` is then None although `"x" in params`.
    Every reader raises ParameterError naming the parameter in full, e.g.
    `payment_method_data[card][token]`.
    """

    def __init__(self, tree: Tree, path: str = "") -> None:
        self._tree = tree
        self._path = path

    def __contains__(self, name: str) -> bool:
        return name in self._tree

    def only(self, *accepted: str) -> Self:
        """Refuse parameters the endpoint does not have; `expand` is always one of them."""
        for name in self._tree:
            if name not in accepted and name != "expand":
                full = self.full_name(name)
                raise ParameterError(
                    f"Received unknown parameter: {full}", code="parameter_unknown", param=full
                )
        return self

    def names(self) -> frozenset[str]:
        """The names given on this level."""
        return frozenset(self._tree)

    def full_name(self, name: str) -> str:
        """The parameter's name as it stands in the request."""
        return f"{self._path}[{name}]" if self._path else name

    def is_text(self, name: str) -> bool:
        """Whether the parameter is a plain value and not nested."""
        return isinstance(self._tree.get(name), str)

    def text(self, name: str, *, longest: int = MAX_TEXT) -> str | None:
        """A string, None where it is absent or empty."""
        value = self._tree.get(name)
        if isinstance(value, dict):
            raise ParameterError("Invalid string: must be a string.", param=self.full_name(name))
        if value is not None and len(value) > longest:
            raise ParameterError(
                f"Invalid string: must be at most {longest} characters",
                code="parameter_invalid_string",
                param=self.full_name(name),
            )
        return value or None

    def required(self, name: str) -> str:
        """A string that must be there."""
        value = self.text(name)
        if value is not None:
            return value
        full = self.full_name(name)
        if name in self._tree:
            raise ParameterError(
                f"You passed an empty string for '{full}'. We assume empty values are an attempt "
                f"to unset a parameter; however '{full}' cannot be unset.",
                code="parameter_invalid_empty",
                param=full,
            )
        raise ParameterError(
            f"Missing required param: {full}.", code="parameter_missing", param=full
        )

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """One of `choices`."""
        value = self.text(name)
        if value is None:
            return default
        if value not in choices:
            raise ParameterError(
                f"Invalid {name}: must be one of {', '.join(choices)}", param=self.full_name(name)
            )
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """`true` or `false`."""
        return self.choice(name, ("true", "false"), "true" if default else "false") == "true"

    def integer(self, name: str, *, least: int = 1, most: int = MAX_INTEGER) -> int | None:
        """A whole number within bounds, None where it is absent."""
        value = self.text(name)
        if value is None:
            return None
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
            raise ParameterError(
                f"Invalid integer: {value}",
                code="parameter_invalid_integer",
                param=self.full_name(name),
            )
        return self._bounded(name, int(value), least, most)

    def _bounded(self, name: str, number: int, least: int, most: int) -> int:
        if least <= number <= most:
            return number
        bound = (
            f"greater than or equal to {least}"
            if number < least
            else f"less than or equal to {most}"
        )
        raise ParameterError(
            f"This value must be {bound}.",
            code="parameter_invalid_integer",
            param=self.full_name(name),
        )

    def within(self, name: str) -> "Params":
        """The parameters nested under `name`; empty where there are none."""
        value = self._tree.get(name, {})
        if isinstance(value, str):
            if value:
                raise ParameterError("Invalid object", param=self.full_name(name))
            value = {}
        return Params(value, self.full_name(name))

    def items(self, name: str) -> list[str]:
        """An array of strings."""
        nested = self.within(name)
        try:
            indexes = sorted(nested.names(), key=int)
        except ValueError as error:
            raise ParameterError("Invalid array", param=self.full_name(name)) from error
        return [nested.required(index) for index in indexes]

    def metadata(self, present: dict[str, str]) -> dict[str, str]:
        """The metadata after this request: merged over `present`, an empty value removes a key."""
        if "metadata" not in self._tree:
            return present
        nested = self.within("metadata")
        merged = dict(present) if nested.names() else {}
        for key in sorted(nested.names()):
            value = nested.text(key, longest=METADATA_VALUE_LENGTH)
            if len(key) > METADATA_KEY_LENGTH:
                raise ParameterError(
                    f"Metadata keys can have up to {METADATA_KEY_LENGTH} characters.",
                    param="metadata",
                )
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = value
        if len(merged) > METADATA_KEYS:
            raise ParameterError(f"Metadata can have up to {METADATA_KEYS} keys.", param="metadata")
        return merged

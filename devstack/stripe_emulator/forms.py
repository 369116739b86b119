"""Form bodies with brackets, as Stripe's libraries send them, decoded into nested values.

    amount=500&metadata[order_id]=o1&expand[0]=latest_charge&expand[]=payment_method

Arrays stay mappings from index to value: only the reader of a parameter knows whether `metadata[1]`
is an entry of a list or a key of its own.
"""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from .errors import ParameterError

MAX_DEPTH = 8
MAX_FIELDS = 1000
Tree = dict[str, "str | Tree"]

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


def pairs(text: str) -> list[tuple[str, str]]:
    """The flat names and values of a urlencoded form or query string.

    Raises:
        ParameterError: there are more than `MAX_FIELDS` of them.
    """
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError as error:
        raise ParameterError("Invalid request: too many parameters.") from error


def nest(flat: Iterable[tuple[str, str]]) -> Tree:
    """Build the tree from flat names; every leaf is a string.

    Raises:
        ParameterError: a name's brackets do not match, or two names contradict each other.
    """
    root: Tree = {}
    for name, value in flat:
        branch = root
        *parents, leaf = _path(name)
        for part in parents:
            inner = branch.setdefault(_slot(branch, part), {})
            if isinstance(inner, str):
                raise _unreadable(name)
            branch = inner
        slot = _slot(branch, leaf)
        if isinstance(branch.get(slot), dict):
            raise _unreadable(name)
        branch[slot] = value
    return root


def _path(name: str) -> list[str]:
    match = _KEY.match(name)
    if match is None:
        raise _unreadable(name)
    path = [match[1], *_PART.findall(match[2])]
    if len(path) > MAX_DEPTH:
        raise _unreadable(name)
    return path


def _slot(branch: Tree, part: str) -> str:
    """Empty brackets append: they take the next free index."""
    return part or str(len(branch))


def _unreadable(name: str) -> ParameterError:
    return ParameterError(f"Invalid request: cannot read the parameter {name!r}.", param=name)

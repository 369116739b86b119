"""Importing a library without what it would load beside, where that is installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def hidden(*names: str) -> Iterator[None]:
    """Have no module of these names found by what is imported inside, unless it is loaded already.

    Args:
        names: Of modules that the libraries do without where they are missing.
    """
    modules = cast("dict[str, Any]", sys.modules)
    missing = [name for name in names if name not in modules]
    # What has None for a module cannot be imported.
    modules.update(dict.fromkeys(missing))
    try:
        yield
    finally:
        for name in missing:
            del modules[name]

"""Stripe's library, without what it would load beside.

Where they are installed, it loads requests, for calls that block, and httpx its command line: 6 MB
that nothing here uses.
"""

import sys
from typing import Any, cast

_UNUSED = ("requests", "httpx._main")

_modules = cast("dict[str, Any]", sys.modules)
_hidden = [name for name in _UNUSED if name not in _modules]
# What has None for a module cannot be imported.
_modules.update(dict.fromkeys(_hidden))
try:
    import httpx  # noqa: F401 - with its own part hidden
    import stripe
finally:
    for _name in _hidden:
        del _modules[_name]

__all__ = ["stripe"]

"""Stripe's library, without what it would load beside.

Where they are installed, it loads requests, for calls that block, and httpx its command line: 6 MB
that nothing here uses.
"""

from chassis.imports import hidden

with hidden("requests", "httpx._main"):
    import httpx  # noqa: F401 - with its own part hidden
    import stripe

__all__ = ["stripe"]

"""What fills a new shop: products with their pictures, people, and orders."""

import asyncio
from collections.abc import Mapping
from typing import Any


async def load(ready: Mapping[str, Any]) -> None:
    """Fill the shop that `ready` describes with what it does not have yet.

    Raises:
        StartupError: A service refused; the line says which and why.
    """
    from devstack.demo.loading import fill  # large libraries, needed only here

    addresses = {name: process["grpc"] for name, process in ready["processes"].items()}
    await asyncio.to_thread(fill, addresses, ready["logins"])

"""What fills a new shop: products with their pictures, people, and orders."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any


async def load(ready: Mapping[str, Any], progress: Callable[[int, int], None]) -> None:
    """Fill the shop that `ready` describes with what it does not have yet.

    `progress` is told how many of how many products there are.

    Raises:
        StartupError: A service refused; the line says which and why.
    """
    from devstack.demo.loading import fill  # large libraries, needed only here

    addresses = {name: process["grpc"] for name, process in ready["processes"].items()}
    loop = asyncio.get_running_loop()

    def tell(done: int, total: int) -> None:
        loop.call_soon_threadsafe(progress, done, total)

    await asyncio.to_thread(fill, addresses, ready["logins"], tell)

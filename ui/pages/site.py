"""What all pages share."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
from jinja2 import Environment
from starlette.types import ASGIApp

from ui.rendering.assets import Assets

UPLOADS_AT_ONCE = 4

NewClient = Callable[[], httpx.AsyncClient]
"""Opens a client that reaches the Stripe emulator; the caller closes it."""


@dataclass(frozen=True)
class Site:
    """What all pages share.

    Attributes:
        api: The gateway.
        base_url: Where the shop is, such as https://shop.example.
        assets: The static files.
        templates: The templates.
        new_emulator_client: Opens a client for the Stripe emulator.
        uploads: Held while a form with a file is handled: each takes room on the disk.
    """

    api: ASGIApp
    base_url: str
    assets: Assets
    templates: Environment
    new_emulator_client: NewClient
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(UPLOADS_AT_ONCE))

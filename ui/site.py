"""What all pages share."""

from collections.abc import Callable
from dataclasses import dataclass

import httpx
from jinja2 import Environment

from ui.assets import Assets

OpenBank = Callable[[], httpx.AsyncClient]
"""Opens a client that reaches the Stripe emulator; whoever calls closes it."""


@dataclass(frozen=True)
class Site:
    """What all pages share.

    Attributes:
        client: Reaches the gateway; kept open by whoever made it.
        assets: The static files.
        templates: The templates.
        open_bank: Opens a client for the Stripe emulator.
    """

    client: httpx.AsyncClient
    assets: Assets
    templates: Environment
    open_bank: OpenBank

"""The application: the API, its controls and the 3-D Secure page over one store."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from .api import Api
from .auth import Keys
from .challenge import ChallengePage
from .controls import Controls
from .executor import Executor
from .faults import Faults
from .idempotency import REMEMBERED_SECONDS
from .ledger import random_id
from .store import Store
from .webhooks import Dispatcher, poster

CORS = Middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["GET", "POST"],
    allow_headers=["*"],
    expose_headers=["Request-Id", "Idempotent-Replayed"],
)


@dataclass(frozen=True)
class Settings:
    """What the emulator gets at its start.

    Attributes:
        webhook_url: where events are posted; None delivers nothing.
        webhook_secret: what they are signed with.
        site: the base URL under which browsers reach the emulator; None takes each request's own.
    """

    keys: Keys = field(default_factory=Keys)
    webhook_url: str | None = None
    webhook_secret: str = "whsec_emulator"  # noqa: S105 - everyone may know it
    site: str | None = None


def build_app(settings: Settings, store: Store, clock: Callable[[], float]) -> Starlette:
    """Wire the application; `clock` gives Unix seconds, `store` stays open when it stops."""
    faults = Faults()
    client = httpx.AsyncClient(trust_env=False)
    url = settings.webhook_url
    dispatcher = Dispatcher(store, poster(client, url or ""), settings.webhook_secret, clock)
    executor = Executor(
        store,
        clock,
        random_id,
        faults.delivery_delays if url else lambda _: (),
        dispatcher.nudge,
    )
    parts = (
        Api(executor, settings.keys, faults, settings.site),
        Controls(executor, faults),
        ChallengePage(executor),
    )

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        store.forget_replies(before=int(clock()) - REMEMBERED_SECONDS)
        sender = asyncio.create_task(dispatcher.run()) if url else None
        async with client:
            yield
            if sender is not None:
                sender.cancel()
                with suppress(asyncio.CancelledError):
                    await sender

    routes = [route for part in parts for route in part.routes()]
    return Starlette(routes=routes, middleware=[CORS], lifespan=lifespan)

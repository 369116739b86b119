"""How all references serve: as the gateway does, without its limits, its hooks and its log."""

import uvicorn
from starlette.types import ASGIApp

from devstack.ports import LOOPBACK


def serve(app: ASGIApp, port: int) -> None:
    """Serve `app` until SIGTERM."""
    uvicorn.run(
        app,
        host=LOOPBACK,
        port=port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
        backlog=8192,
    )

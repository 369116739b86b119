"""A bare WebSocket broadcast: GET /broadcast sends one text to every socket on /ws/notifications.

python -m benchmarks.references.broadcast PORT
"""

import sys

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from benchmarks.references.serving import serve

TEXT = "x" * 700


def main() -> None:
    """The command line above."""
    sockets: set[WebSocket] = set()

    async def live(socket: WebSocket) -> None:
        await socket.accept()
        sockets.add(socket)
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            sockets.discard(socket)

    async def broadcast(_: Request) -> Response:
        for socket in list(sockets):
            await socket.send_text(TEXT)
        return Response(status_code=204)

    routes = [Route("/broadcast", broadcast), WebSocketRoute("/ws/notifications", live)]
    serve(Starlette(routes=routes), int(sys.argv[1]))


if __name__ == "__main__":
    main()

"""Bare Starlette that answers any GET with the bytes of a file.

python -m benchmarks.references.same_bytes PORT FILE MEDIA_TYPE
"""

import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.references.serving import serve


def main() -> None:
    """The command line above."""
    port, file, media_type = sys.argv[1:]
    content = Path(file).read_bytes()

    async def answer(_: Request) -> Response:
        return Response(content, media_type=media_type)

    serve(Starlette(routes=[Route("/{path:path}", answer)]), int(port))


if __name__ == "__main__":
    main()

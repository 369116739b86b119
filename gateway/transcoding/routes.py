"""The route table, derived from the contract."""

from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.routing import Route, Router, WebSocketRoute
from starlette.types import Receive, Scope, Send

from gateway.contract import Rpc
from gateway.transcoding.operation import Operation, OperationContext
from gateway.transcoding.uploads import upload_of


class Resource:
    """An ASGI app that answers at one path, each verb by its own operation."""

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = dict(operations)
        if "GET" in self._operations:
            self._operations["HEAD"] = self._operations["GET"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; 405 for a verb that the path has not."""
        operation = self._operations.get(scope["method"])
        if operation is None:
            raise HTTPException(405, headers={"Allow": ", ".join(sorted(self._operations))})
        await operation(scope, receive, send)


class Routes(Router):
    """Starlette's router, which looks a path without variables up.

    Any other path it compares only with the routes that begin like it.

    Args:
        routes: Of two that match, the first one answers.
    """

    def __init__(self, routes: Sequence[Route | WebSocketRoute]) -> None:
        super().__init__(routes, redirect_slashes=False)
        self._whole: dict[str, Route] = {}
        for route in routes:
            if isinstance(route, Route) and "{" not in route.path:
                self._whole.setdefault(route.path, route)
        table = [(_beginning(route.path), route) for route in routes]

        def beginning_with(wanted: str) -> Router:
            some = [route for beginning, route in table if beginning == wanted or "{" in beginning]
            return Router(some, redirect_slashes=False)

        self._tables = {beginning: beginning_with(beginning) for beginning, _ in table}
        self._others = beginning_with("")

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        if scope["type"] == "lifespan":
            await super().app(scope, receive, send)
        elif scope["type"] == "http" and (route := self._whole.get(scope["path"])) is not None:
            scope["route"] = route
            await route.handle(scope, receive, send)
        else:
            table = self._tables.get(_beginning(scope["path"]), self._others)
            await table.app(scope, receive, send)


def operations_of(rpcs: Sequence[Rpc], context: OperationContext) -> list[Operation]:
    """An operation for each address of each RPC."""
    by_name = {rpc.method.full_name: rpc for rpc in rpcs}
    seconds = context.upload_timeout.total_seconds()
    operations = []
    for rpc in rpcs:
        upload = upload_of(rpc.method.input_type, by_name, context.calls, context.encoders, seconds)
        operations += [Operation(rpc, binding, context, upload) for binding in rpc.bindings]
    return operations


def routes_of(operations: Sequence[Operation]) -> list[Route]:
    """One route a path; where two paths fit, the one with a literal segment comes first."""
    table: dict[str, dict[str, Operation]] = {}
    for operation in operations:
        binding = operation.binding
        table.setdefault(binding.template, {})[binding.verb] = operation
    return [
        Route(path, Resource(table[path]), name=path) for path in sorted(table, key=_specificity)
    ]


def _specificity(path: str) -> tuple[tuple[bool, str], ...]:
    """Sorts literal segments before variables, place by place."""
    return tuple((segment.startswith("{"), segment) for segment in path.split("/"))


def _beginning(path: str) -> str:
    """The first two segments of a path."""
    return "/".join(path.split("/", 3)[:3])

"""Spans of RPCs, where traces are on: one where a call is made, and one where it is served.

Streams of responses have none: they are open for as long as their processes are.
"""

from collections.abc import Awaitable, Callable, Generator
from typing import Any

import grpc
from grpc.aio import AioRpcError, Metadata

from chassis.telemetry import traces
from chassis.telemetry.traces import HEADER, Attributes, Span

# By which a server says that the fault is its own.
_FAULTS = {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS"}
_STATUS = "rpc.grpc.status_code"


def calling(path: str, call: Any) -> Any:
    """`call`, of the RPC at `path`, with a span for each; itself where traces are off."""
    return _SpannedMethod(path, call) if traces.is_on() else call


def serving(path: str, behaviour: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The handler of the RPC at `path`, in a span; itself where traces are off."""
    if not traces.is_on():
        return behaviour
    name, attributes = path.removeprefix("/"), _attributes(path)

    async def serve(request: Any, context: Any) -> Any:
        given = context.invocation_metadata() or ()
        parent = next((value for key, value in given if key == HEADER), "")
        with traces.span(name, "server", attributes, parent=parent):
            try:
                response = await behaviour(request, context)
            except grpc.aio.AbortError as error:
                # A refusal is an answer.
                aborted = error
            else:
                traces.annotate({_STATUS: 0})
                return response
            code: grpc.StatusCode = context.code()
            traces.annotate({_STATUS: code.value[0]})
            if code.name in _FAULTS:
                traces.fail(code.name)
        raise aborted

    return serve


class _SpannedMethod:
    """A method of a stub with one response; it begins a span with each call."""

    def __init__(self, path: str, call: Any) -> None:
        self._name = path.removeprefix("/")
        self._attributes = _attributes(path)
        self._call = call

    def __call__(self, request: Any, *, metadata: Any = None, **options: Any) -> Any:
        span = traces.begin(self._name, "client", self._attributes)
        at = traces.traceparent() if span is None else span.traceparent
        if at:
            metadata = Metadata(*(metadata or ()), (HEADER, at))
        call = self._call(request, metadata=metadata, **options)
        return call if span is None else _SpannedCall(call, span)


class _SpannedCall:
    """A call that has begun; its span ends with it."""

    def __init__(self, call: Any, span: Span) -> None:
        self._call = call
        self._span = span
        self._is_over = False

    def cancel(self) -> bool:
        self._end("CANCELLED", grpc.StatusCode.CANCELLED)
        ended: bool = self._call.cancel()
        return ended

    def __await__(self) -> Generator[Any, None, Any]:
        try:
            response = yield from self._call.__await__()
        except AioRpcError as error:
            self._end(error.code().name, error.code())
            raise
        except BaseException as error:
            self._end(error)
            raise
        self._end(None, grpc.StatusCode.OK)
        return response

    def _end(self, error: BaseException | str | None, code: grpc.StatusCode | None = None) -> None:
        if self._is_over:
            return
        self._is_over = True
        if code is not None:
            self._span.annotate({_STATUS: code.value[0]})
        self._span.end(error)


def _attributes(path: str) -> Attributes:
    _, service, method = path.split("/")
    return {"rpc.system": "grpc", "rpc.service": service, "rpc.method": method}

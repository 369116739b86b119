"""Around every handler of a service: deadline, identity, permission, validation, errors, log.

It runs before and around every RPC of every service, so that none of their code runs for a caller
who may not call it, or with a message that breaks the contract. It wraps handlers once, as they are
registered: an interceptor of gRPC costs a fifth of what the service takes for a small call.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc
import structlog
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from chassis.auth.identity import ANONYMOUS, Identity, act_as, acting_as
from chassis.auth.tokens import TokenVerifier
from chassis.contract.rpc_rules import Rpc, rpc
from chassis.contract.validation import Violation, violations
from chassis.errors import PermissionDenied, Refusal, Unauthenticated
from chassis.rpc.audit import Recorder, audited
from chassis.rpc.client_address import METADATA, client_address
from chassis.rpc.deadline import deadline_in, set_deadline
from chassis.rpc.meters import metered, metered_stream, server_meter
from chassis.rpc.requests import RequestStream, Unreadable, UnreadableError, readable_or_not
from chassis.rpc.spans import serving
from chassis.rpc.status import DetailTable, reason_in, status_of, status_of_error, trailing
from chassis.telemetry import correlation, traces

log = structlog.get_logger(__name__)
# Asked first, since structlog takes a microsecond or two to find out that a line is not wanted.
_stdlib_log = logging.getLogger(__name__)

Context = grpc.aio.ServicerContext[Any, Any]
Handler = Any  # grpc.RpcMethodHandler, generic for type checkers only

# A call ends so long before its time is over: a caller that hears nothing takes this process for
# one that hangs. It is less than what is left by calls made for it; see `chassis.rpc.deadline`.
_ANSWER_SECONDS = 0.02

_CODES = {code.value[0]: code for code in grpc.StatusCode}


class Guard:
    """Guards the RPCs of the contract; RPCs of other contracts (health, reflection) pass."""

    def __init__(self, verifier: TokenVerifier) -> None:
        self._verifier = verifier
        self._details: dict[type[Refusal], Callable[[Any], Message]] = {}
        self._recorder: Recorder | None = None

    def add_details(self, details: DetailTable) -> None:
        """Answer these refusals with typed details."""
        self._details.update(details)

    def record_in(self, recorder: Recorder) -> None:
        """Record there what is audited; no RPC that is can be served before."""
        self._recorder = recorder

    def on(self, server: grpc.aio.Server) -> Any:
        """What generated functions take for `server`, which then serves all of it guarded."""
        return Guarded(server, self)

    def guarded(self, path: str, handler: Handler) -> Handler:
        """The handler of the RPC at `path`, guarded."""
        rules = rpc(path)
        if rules is None:
            return handler
        meter = server_meter(path)
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(
                metered_stream(self._streaming(handler.unary_stream, rules), meter),
                readable_or_not(handler.request_deserializer),
                handler.response_serializer,
            )
        make, behaviour = (
            (grpc.stream_unary_rpc_method_handler, handler.stream_unary)
            if handler.request_streaming
            else (grpc.unary_unary_rpc_method_handler, handler.unary_unary)
        )
        if rules.audit is not None:
            behaviour = audited(rules, rules.audit, behaviour, self._audit_log)
        return make(
            serving(
                path,
                metered(self._unary(behaviour, rules, is_stream=handler.request_streaming), meter),
            ),
            readable_or_not(handler.request_deserializer),
            handler.response_serializer,
        )

    def _unary(
        self, behaviour: Callable[..., Awaitable[Any]], rules: Rpc, *, is_stream: bool
    ) -> Any:
        async def guarded(request: Any, context: Context) -> Any:
            if is_stream:
                request = RequestStream(request)
            metadata = _metadata(context)
            # A call is served in a task of its own: there is nothing to go back to.
            _correlate(metadata, request)
            remaining = context.time_remaining()
            time = asyncio.timeout(remaining and max(0.0, remaining - _ANSWER_SECONDS))
            try:
                if remaining is None:
                    raise _Invalid([], "Give the call a deadline.")
                async with time:
                    identity = await self._admit(rules, request, metadata)
                    act_as(identity)
                    set_deadline(remaining)
                    response = await behaviour(request, context)
            except Exception as error:  # noqa: BLE001 - the boundary: all become a status
                if is_stream:
                    await request.drain()
                is_late = time.expired() and isinstance(error, TimeoutError)
                await self._refuse(rules, context, _LateError() if is_late else error)
            else:
                if _stdlib_log.isEnabledFor(logging.DEBUG):
                    log.debug("rpc served", method=rules.path)
                return response

        return guarded

    def _streaming(self, behaviour: Callable[..., AsyncIterator[Any]], rules: Rpc) -> Any:
        async def guarded(request: Any, context: Context) -> AsyncIterator[Any]:
            metadata = _metadata(context)
            _correlate(metadata, request)
            try:
                identity = await self._admit(rules, request, metadata)
                with _serving(identity, context.time_remaining()):
                    async for response in behaviour(request, context):
                        yield response
            except Exception as error:  # noqa: BLE001 - the boundary: all become a status
                await self._refuse(rules, context, error)

        return guarded

    def _audit_log(self) -> Recorder:
        if self._recorder is None:
            raise TypeError("there is no audit log")
        return self._recorder

    async def _admit(self, rules: Rpc, request: Any, metadata: Mapping[str, str]) -> Identity:
        """Check the caller and the message; who it is."""
        identity = await self._identity(rules, metadata)
        if not rules.allows(identity):
            if identity.kind == "anonymous":
                raise Unauthenticated("Sign in first.")
            raise PermissionDenied("Your role does not allow this.")
        if isinstance(request, Unreadable):
            raise UnreadableError
        if isinstance(request, Message) and (broken := violations(request)):
            raise _Invalid(broken)
        return identity

    async def _identity(self, rules: Rpc, metadata: Mapping[str, str]) -> Identity:
        scheme, _, token = metadata.get("authorization", "").partition(" ")
        if not rules.knows_callers or scheme.lower() != "bearer" or not token:
            return ANONYMOUS
        verify = self._verifier.identify if rules.accepts_revoked else self._verifier.verify
        try:
            return await verify(token)
        except Unauthenticated:
            # A stale cookie is no obstacle to what anyone may call.
            if rules.is_public:
                return ANONYMOUS
            raise

    async def _refuse(self, rules: Rpc, context: Context, error: Exception) -> NoReturn:
        status: Status | None
        if isinstance(error, _Invalid):
            status = status_of("VALIDATION_FAILED", error.message, error.fields)
        elif isinstance(error, _LateError):
            status = status_of("DEADLINE_EXCEEDED", "")
        elif isinstance(error, UnreadableError):
            status = status_of("VALIDATION_FAILED", "The message cannot be read.")
        else:
            status = status_of_error(error, self._details)
        if status is None:
            log.error("rpc failed", method=rules.path, exc_info=error)
            traces.fail(error)
            status = status_of("INTERNAL", "")
        else:
            reason = reason_in(status)
            log.info("rpc refused", method=rules.path, reason=reason, why=status.message)
            if reason not in rules.reasons:
                log.error("undeclared reason", method=rules.path, reason=reason)
        await context.abort(_CODES[status.code], status.message, trailing(status))


class Guarded:
    """What generated functions add servicers to, so that a server serves them guarded.

    Attributes:
        names: Of the services that were added.
    """

    def __init__(self, server: grpc.aio.Server, guard: Guard) -> None:
        self.names: list[str] = []
        self._server = server
        self._guard = guard

    def add_generic_rpc_handlers(self, handlers: Sequence[Any]) -> None:
        """Called by the generated function, which gives the same with names after this."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Handler]) -> None:
        """Called by the generated function."""
        guarded = {
            name: self._guard.guarded(f"/{service}/{name}", handler)
            for name, handler in handlers.items()
        }
        self._server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(service, guarded)]
        )
        self.names.append(service)


class _Invalid(Exception):
    """A message that breaks the contract."""

    def __init__(self, fields: list[Violation], message: str = "") -> None:
        super().__init__(message)
        self.fields = fields
        self.message = message


class _LateError(Exception):
    """The call's time is nearly over."""


@contextmanager
def _serving(identity: Identity, remaining: float | None) -> Iterator[None]:
    """Serve what is inside for `identity`, within `remaining` seconds."""
    with acting_as(identity):
        if remaining is None:
            yield
        else:
            with deadline_in(remaining):
                yield


def _correlate(metadata: Mapping[str, str], request: Any) -> None:
    """Have the log of this task, and the calls it makes, say which request it is about."""
    correlation.request_id.set(metadata.get("x-request-id", ""))
    client_address.set(metadata.get(METADATA, ""))
    if isinstance(request, Message):
        correlation.message.set(request)


def _metadata(context: Context) -> dict[str, str]:
    """What the call carries as text; of what is there twice the first."""
    found: dict[str, str] = {}
    for name, value in context.invocation_metadata() or ():
        if isinstance(value, str):
            found.setdefault(name, value)
    return found

"""One HTTP operation: a verb at an address, answered by one RPC."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import grpc
from google.protobuf.message import Message
from starlette.types import Receive, Scope, Send

from chassis.auth.identity import Identity, act_as
from chassis.rpc.calls import Call
from chassis.telemetry import correlation
from gateway.cache.rules import keeping_of, purges_of
from gateway.cache.store import current_fill
from gateway.cache.tags import Tags
from gateway.contract import Binding, Rpc
from gateway.http.credentials import CookieJar, Credentials, Verifier
from gateway.http.origin import OriginCheck
from gateway.http.problems import Headers
from gateway.http.request import RequestHead
from gateway.protojson.decode import Decoders
from gateway.protojson.encode import Encoders
from gateway.rate_limits import CallerLimits
from gateway.transcoding.admission import Admission
from gateway.transcoding.channels import Calls
from gateway.transcoding.errors import problem_of
from gateway.transcoding.fan_out import OwnAnswers, unary_of
from gateway.transcoding.request import RequestReader, takes_raw_body
from gateway.transcoding.response import Response, ResponseWriter
from gateway.transcoding.uploads import Upload

Purge = Callable[[Tags], None]
"""Ends the copies at the edge that tell of something which has changed."""


@dataclass(frozen=True)
class OperationContext:
    """What operations are made of; one set for all."""

    calls: Calls
    encoders: Encoders
    decoders: Decoders
    cookies: CookieJar
    credentials: Credentials
    origins: OriginCheck
    verifier: Verifier
    limits: CallerLimits
    purge: Purge
    own: OwnAnswers
    read_timeout: timedelta
    write_timeout: timedelta
    upload_timeout: timedelta


class Operation:
    """An ASGI app that answers requests by calling an RPC."""

    def __init__(
        self, rpc: Rpc, binding: Binding, context: OperationContext, upload: Upload | None
    ) -> None:
        self.rpc = rpc
        self.binding = binding
        self._credentials = context.credentials
        self._admission = Admission(rpc, context.verifier)
        self._limits = context.limits.of(rpc)
        self._encoders = context.encoders
        # What is raw is signed by its sender, who is no browser.
        self._origins = None if takes_raw_body(rpc, binding) else context.origins
        self._reader = RequestReader(rpc, binding, context.decoders, context.cookies, upload)
        self._call = unary_of(rpc, context.calls, context.own)
        self._writer = ResponseWriter(rpc, context.encoders, context.cookies)
        self._keeping = keeping_of(rpc)
        self._purges = purges_of(rpc)
        self._purge = context.purge
        self._has_side_effects = rpc.has_side_effects
        timeout = context.read_timeout if binding.verb == "GET" else context.write_timeout
        self._timeout = timeout.total_seconds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request.

        Raises:
            Problem: It is refused.
        """
        response = await self.answer(RequestHead.of(scope), receive)
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": response.headers,
            }
        )
        await send({"type": "http.response.body", "body": response.body})

    async def answer(self, head: RequestHead, receive: Receive) -> Response:
        """The response to one request.

        Raises:
            Problem: It is refused.
        """
        if self._origins is not None:
            self._origins.check_method(head)
        caller = await self._admission.identify(self._credentials.token(head))
        act_as(caller)
        limited: Headers = []
        if self._limits is not None:
            limited = await self._limits.admit(caller, self._credentials.address(head))
        if self._has_side_effects:
            # Before a body is read, and of course before anything is changed.
            caller = await self._admission.check(caller)
        metadata = self._credentials.metadata(head, caller.token)
        request = await self._reader.read(head, receive, metadata)
        correlation.message.set(request)
        if self._keeping is not None and (fill := current_fill.get()) is not None:
            fill.depend_on(self._keeping.tags(request), self._keeping.seconds)
        message = None
        try:
            call = self._call(request, timeout=self._timeout, metadata=metadata)
            if not self._has_side_effects:
                call = await self._checked(call, caller, head, request)
            message = await call
        except grpc.aio.AioRpcError as error:
            raise problem_of(error, self._encoders) from error
        finally:
            # A call that failed may have changed something all the same.
            if self._purges is not None:
                self._purge(self._purges(request, message))
        response = self._writer.write(message, head)
        # What one caller has left is nothing to keep for others.
        if self._keeping is None:
            response.headers.extend(limited)
        return response

    async def _checked(
        self, call: Call, caller: Identity, head: RequestHead, request: Message
    ) -> Call:
        """Look the caller up beside a call that only reads; its answer is given to no one before.

        Returns:
            The call, or another one where the caller turns out to be a guest.
        """
        try:
            checked = await self._admission.check(caller)
        except BaseException:
            call.cancel()
            raise
        if checked is caller:
            return call
        call.cancel()
        metadata = self._credentials.metadata(head, checked.token)
        return self._call(request, timeout=self._timeout, metadata=metadata)
